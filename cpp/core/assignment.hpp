// The assignment problem: pairs rows and columns so that the sum of their gains is greatest.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mtcnn {

// Solves one assignment after another with shortest augmenting paths (Jonker and Volgenant, 1987,
// for rectangular matrices as in Crouse, "On implementing 2D rectangular assignment algorithms",
// 2016). Takes time in the order of rows^2 * columns of the matrix that is wider than high.
class Assignment {
  public:
    // Pairs every row with a column of its own, or every column with a row where there are fewer
    // columns. `gains` is (rows, columns), finite, row by row. Writes the pairs, min(rows,
    // columns), in the order of their rows.
    void run(const double* gains, std::size_t rows, std::size_t columns, std::int64_t* paired_rows,
             std::int64_t* paired_columns);

  private:
    static constexpr std::int64_t kNone = -1;

    void read(const double* gains, std::size_t rows, std::size_t columns, bool transposed);
    std::size_t find_path(std::size_t row, double& length);
    void update_prices(std::size_t row, double length);
    void turn_path(std::size_t row, std::size_t column);

    std::size_t rows_ = 0, columns_ = 0;  // rows_ <= columns_
    std::vector<double> costs_;           // the gains, negated, maybe transposed
    std::vector<double> row_prices_, column_prices_;
    std::vector<double> distances_;  // of the columns from the row that is added
    std::vector<std::int64_t> columns_of_rows_, rows_of_columns_, rows_before_;
    std::vector<std::size_t> open_;  // columns whose distance may still fall
    std::vector<std::uint8_t> row_seen_, column_seen_;
};

}  // namespace mtcnn
