// Candidates: P-Net's cells, and R-Net's and O-Net's crops, with a face probability above a
// threshold.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/box.hpp"

namespace mtcnn {

// Boxes in pixels of the image, and for each its face probability and its regression.
struct Candidates {
    std::vector<Box> boxes;
    std::vector<float> scores;
    std::vector<Regression> regressions;
};

// P-Net's output over rows of a level. Value v of cell (y, x), the face logit and the regression,
// is at [v * plane + y * row_stride + x].
struct Cells {
    const float* values;
    int rows, columns;
    std::ptrdiff_t plane, row_stride;
    int first_row;            // of P-Net's input, in pixels of the level
    double scale_x, scale_y;  // level size / image size
};

// Appends the cells with a probability above `threshold` as boxes of the image, row by row. Skips
// those with an implausible regression.
void append_candidates(const Cells& cells, double threshold, Candidates& found);

// Finds the rows of outputs (count, columns) whose first value is the logit of a probability above
// `threshold`. Skips those with an implausible regression or landmark. Writes their indices and
// probabilities, which have room for `count`, and returns their number.
std::size_t accept(const float* outputs, std::size_t count, std::size_t columns, double threshold,
                   std::int64_t* indices, float* scores);

}  // namespace mtcnn
