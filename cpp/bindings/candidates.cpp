// Faces among the outputs of a network.
#include "core/candidates.hpp"

#include <cstdint>
#include <utility>

#include "bindings/arrays.hpp"
#include "bindings/definitions.hpp"
#include "bindings/gil.hpp"

namespace mtcnn::bindings {
namespace {

py::tuple bind_candidates(const Array<float>& cells, double threshold, std::int64_t first_row,
                          std::pair<double, double> scale) {
    check(cells, "cells", {5, kAny, kAny});
    if (cells.size() > 0) check_size(cells.shape(1), cells.shape(2), "cells");
    check_threshold(threshold);
    check(first_row >= 0 && first_row <= kMostSide, "first_row: not between 0 and 16777216");
    for (double along : {scale.first, scale.second})
        check(along >= kLeastScale && along <= kMostScale, "scale: not between 1e-9 and 1e9");
    const Cells input = {cells.data(),
                         cells.size() > 0 ? static_cast<int>(cells.shape(1)) : 0,
                         cells.size() > 0 ? static_cast<int>(cells.shape(2)) : 0,
                         cells.shape(1) * cells.shape(2),
                         cells.shape(2),
                         static_cast<int>(first_row),
                         scale.second,
                         scale.first};
    Candidates found;
    {
        const ReleasedGil released;
        append_candidates(input, threshold, found);
    }
    return to_arrays(std::move(found));
}

py::tuple bind_accept(const Array<float>& outputs, double threshold) {
    check(outputs, "outputs", {kAny, kAny});
    check(outputs.shape(1) > 0, "outputs: has no columns");
    check_threshold(threshold);
    py::array_t<std::int64_t> indices(outputs.shape(0));
    py::array_t<float> scores(outputs.shape(0));
    std::int64_t* to_indices = indices.mutable_data();
    float* to_scores = scores.mutable_data();
    std::size_t accepted = 0;
    {
        const ReleasedGil released;
        accepted =
            accept(outputs.data(), static_cast<std::size_t>(outputs.shape(0)),
                   static_cast<std::size_t>(outputs.shape(1)), threshold, to_indices, to_scores);
    }
    shorten(indices, accepted);
    shorten(scores, accepted);
    return py::make_tuple(indices, scores);
}

}  // namespace

void define_candidates(py::module_& module) {
    using namespace py::literals;
    module.def("candidates", bind_candidates, "cells"_a, "threshold"_a, "first_row"_a, "scale"_a,
               "Returns the cells with a face probability above the threshold: boxes (N, 4) in "
               "pixels of the\nimage, scores (N,) and regressions (N, 4), float32.\n\n"
               "cells: P-Net's output (5, rows, columns) float32.\n"
               "first_row: where the input of P-Net began in the level, in pixels.\n"
               "scale: (level height / image height, level width / image width).");
    module.def("accept", bind_accept, "outputs"_a, "threshold"_a,
               "Returns the rows of R-Net's or O-Net's output (N, columns) float32 with a face "
               "probability above\nthe threshold: indices (N,) int64 and scores (N,) float32.");
}

}  // namespace mtcnn::bindings
