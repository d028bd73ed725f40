#include "core/assignment.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace mtcnn {

void Assignment::run(const double* gains, std::size_t rows, std::size_t columns,
                     std::int64_t* paired_rows, std::int64_t* paired_columns) {
    const bool transposed = rows > columns;
    read(gains, rows, columns, transposed);
    for (std::size_t row = 0; row < rows_; ++row) {
        double length = 0;
        const std::size_t free_column = find_path(row, length);
        update_prices(row, length);
        turn_path(row, free_column);
    }
    if (transposed) {  // in the order of the rows, which are columns here
        for (std::size_t column = 0; column < columns_; ++column) {
            if (rows_of_columns_[column] == kNone) continue;
            *paired_rows++ = static_cast<std::int64_t>(column);
            *paired_columns++ = rows_of_columns_[column];
        }
        return;
    }
    for (std::size_t row = 0; row < rows_; ++row) {
        paired_rows[row] = static_cast<std::int64_t>(row);
        paired_columns[row] = columns_of_rows_[row];
    }
}

// Begins with no pairs.
void Assignment::read(const double* gains, std::size_t rows, std::size_t columns, bool transposed) {
    rows_ = transposed ? columns : rows;
    columns_ = transposed ? rows : columns;
    costs_.resize(rows * columns);
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t column = 0; column < columns; ++column)
            costs_[transposed ? column * rows + row : row * columns + column] =
                -gains[row * columns + column];
    row_prices_.assign(rows_, 0);
    column_prices_.assign(columns_, 0);
    columns_of_rows_.assign(rows_, kNone);
    rows_of_columns_.assign(columns_, kNone);
    rows_before_.assign(columns_, kNone);
}

// Returns the free column to which the path from a row is shortest (Dijkstra), and its length.
std::size_t Assignment::find_path(std::size_t row, double& length) {
    distances_.assign(columns_, std::numeric_limits<double>::infinity());
    row_seen_.assign(rows_, 0);
    column_seen_.assign(columns_, 0);
    open_.resize(columns_);
    // From the back, so that of equal gains the pairs are on the diagonal.
    for (std::size_t i = 0; i < columns_; ++i) open_[i] = columns_ - 1 - i;
    for (;;) {
        row_seen_[row] = 1;
        std::size_t nearest = 0;
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < open_.size(); ++i) {
            const std::size_t column = open_[i];
            const double distance = length + costs_[row * columns_ + column] - row_prices_[row] -
                                    column_prices_[column];
            if (distance < distances_[column]) {
                distances_[column] = distance;
                rows_before_[column] = static_cast<std::int64_t>(row);
            }
            // A free column before another one at the same distance: the path ends there.
            if (distances_[column] < least ||
                (distances_[column] == least && rows_of_columns_[column] == kNone)) {
                least = distances_[column];
                nearest = i;
            }
        }
        length = least;
        const std::size_t column = open_[nearest];
        open_[nearest] = open_.back();
        open_.pop_back();
        column_seen_[column] = 1;
        if (rows_of_columns_[column] == kNone) return column;
        row = static_cast<std::size_t>(rows_of_columns_[column]);
    }
}

// Keeps the reduced costs of pairs 0, and those of others at least 0, after the path is turned.
void Assignment::update_prices(std::size_t row, double length) {
    row_prices_[row] += length;
    for (std::size_t other = 0; other < rows_; ++other)
        if (row_seen_[other] && other != row)
            row_prices_[other] +=
                length - distances_[static_cast<std::size_t>(columns_of_rows_[other])];
    for (std::size_t column = 0; column < columns_; ++column)
        if (column_seen_[column]) column_prices_[column] -= length - distances_[column];
}

// Pairs the rows and columns of the path anew, from the free column back to the row.
void Assignment::turn_path(std::size_t row, std::size_t column) {
    for (auto at = static_cast<std::int64_t>(column);;) {
        const std::int64_t before = rows_before_[static_cast<std::size_t>(at)];
        rows_of_columns_[static_cast<std::size_t>(at)] = before;
        std::swap(columns_of_rows_[static_cast<std::size_t>(before)], at);
        if (static_cast<std::size_t>(before) == row) return;
    }
}

}  // namespace mtcnn
