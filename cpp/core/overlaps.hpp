// Overlaps of boxes in double precision, by which faces are matched. NMS has its own, in floats.
#pragma once
#include <cstddef>

#include "base/box.hpp"

namespace mtcnn {

struct ExactBox {
    double x1, y1, x2, y2;

    ExactBox() = default;
    ExactBox(const Box& box) : x1(box.x1), y1(box.y1), x2(box.x2), y2(box.y2) {}
};

// Returns the overlap of two boxes, 0 to 1. That of a box without area is 0, and of one with a side
// that is no number, no number.
double overlap_of(const ExactBox& a, const ExactBox& b, Overlap over);

// Writes the overlap of each of the first boxes with each of the second ones, row by row.
void write_overlaps(const ExactBox* first, std::size_t first_count, const ExactBox* second,
                    std::size_t second_count, Overlap over, double* to);

}  // namespace mtcnn
