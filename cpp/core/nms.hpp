// Non-maximum suppression.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/box.hpp"

namespace mtcnn {

// Greedy: the box of the highest score stays, those that overlap it by more than `threshold` go,
// and so on. Returns the indices of what stays, best first; equal scores in the order of their
// index. A box without area, or with sides that are no numbers, overlaps nothing.
std::vector<std::int64_t> nms(const Box* boxes, const float* scores, std::size_t count,
                              double threshold, Overlap over);

}  // namespace mtcnn
