// Overlaps of boxes in double precision, by which faces are matched. NMS has its own, in floats.
#pragma once
#include <cstddef>

#include "base/box.hpp"

namespace mtcnn {

struct ExactBox {
    double x1, y1, x2, y2;
};

// Writes the overlap of each of the first boxes with each of the second ones, 0 to 1, row by row.
// That of a box without area is 0, and of one with a side that is no number, no number.
void write_overlaps(const ExactBox* first, std::size_t first_count, const ExactBox* second,
                    std::size_t second_count, Overlap over, double* to);

}  // namespace mtcnn
