// The assignment of rows to columns, such as faces to tracks.
#include "core/assignment.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "bindings/arrays.hpp"
#include "bindings/definitions.hpp"
#include "bindings/gil.hpp"

namespace mtcnn::bindings {
namespace {

constexpr double kMostGain = 1e100;  // sums of larger ones may overflow

py::tuple assign(const Array<double>& gains) {
    check(gains, "gains", {kAny, kAny});
    const auto rows = static_cast<std::size_t>(gains.shape(0));
    const auto columns = static_cast<std::size_t>(gains.shape(1));
    // A copy: another Python thread may change the array, and with it what was checked.
    const std::vector<double> values(gains.data(), gains.data() + gains.size());
    check(std::all_of(values.begin(), values.end(),
                      [](double gain) { return std::abs(gain) <= kMostGain; }),
          "gains: expected finite numbers, up to 1e100");
    const auto pairs = static_cast<py::ssize_t>(std::min(rows, columns));
    py::array_t<std::int64_t> paired_rows(pairs), paired_columns(pairs);
    std::int64_t *to_rows = paired_rows.mutable_data(), *to_columns = paired_columns.mutable_data();
    if (pairs > 0) {
        const ReleasedGil released;
        Assignment().run(values.data(), rows, columns, to_rows, to_columns);
    }
    return py::make_tuple(paired_rows, paired_columns);
}

}  // namespace

void define_assignment(py::module_& module) {
    using namespace py::literals;
    module.def("assign", &assign, "gains"_a,
               "Pairs rows and columns one to one so that the sum of their gains is greatest.\n\n"
               "gains: (N, M) float64.\n"
               "Returns the rows and the columns of the pairs, each (min(N, M),) int64, by row.");
}

}  // namespace mtcnn::bindings
