// What a network takes for a face: P-Net's cells, R-Net's and O-Net's crops above a threshold.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/box.hpp"

namespace mtcnn {

struct Candidates {
    std::vector<Box> boxes;
    std::vector<float> scores;
    std::vector<Regression> regressions;
};

// P-Net's output over rows of a level: the face logit and the regression, values `plane` apart.
struct Cells {
    const float* values;
    int rows, columns;
    std::ptrdiff_t plane, row_stride;
    int first_row;            // of the level, in pixels, where P-Net's input began
    double scale_x, scale_y;  // level size / image size
};

// Appends the cells with a probability above `threshold` as boxes of the image, in row order; not
// those with an implausible regression.
void append_candidates(const Cells& cells, double threshold, Candidates& found);

// The rows of (count, columns) whose first value is the logit of a probability above `threshold`;
// not those with an implausible regression. Writes their indices and probabilities, for which there
// is room for `count`; returns how many.
std::size_t accept(const float* outputs, std::size_t count, std::size_t columns, double threshold,
                   std::int64_t* indices, float* scores);

}  // namespace mtcnn
