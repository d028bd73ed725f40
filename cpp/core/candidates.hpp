// What a network takes for a face: P-Net's cells, R-Net's and O-Net's crops above a threshold.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/box.hpp"

namespace mtcnn {

struct Candidates {
    std::vector<Box> boxes;
    std::vector<float> scores;
    std::vector<Regression> regressions;
};

// P-Net's output over rows of a level: cells (5, rows, columns), the face logit and the regression.
struct Cells {
    const float* values;
    int rows, columns;
    int first_row;            // of the level, in pixels, where P-Net's input began
    double scale_x, scale_y;  // level size / image size
};

// The cells with a probability above `threshold` as boxes of the image, in row order; not those
// with an implausible regression.
Candidates candidates(const Cells& cells, double threshold);

struct Accepted {
    std::vector<std::int64_t> indices;
    std::vector<float> scores;
};

// The rows of (count, columns) whose first value is the logit of a probability above `threshold`;
// not those with an implausible regression.
Accepted accept(const float* outputs, std::size_t count, std::size_t columns, double threshold);

}  // namespace mtcnn
