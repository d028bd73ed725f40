#include "core/nms.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace mtcnn {
namespace {

// Returns true if a box can overlap others: the grid has a place for it.
bool can_overlap(const Box& box) {
    return box.width() > 0 && box.width() < BoxGrid::kLongestSide && box.height() > 0 &&
           box.height() < BoxGrid::kLongestSide;
}

// Returns a number that is the lower, the higher the score is. A score that is not a number comes
// last.
std::uint32_t rank(float score) {
    if (std::isnan(score)) return 0xFFFFFFFF;
    const auto bits = std::bit_cast<std::uint32_t>(score + 0.f);  // -0 is 0
    return bits >> 31 ? bits : ~bits & 0x7FFFFFFF;
}

}  // namespace

std::size_t Nms::run(const Box* boxes, const float* scores, std::size_t count, double threshold,
                     Overlap over, std::int64_t* kept) {
    // A rank and an index in one number sort faster than indices, whose scores must be read.
    order_.resize(count);
    for (std::size_t i = 0; i < count; ++i)
        order_[i] = static_cast<std::uint64_t>(rank(scores[i])) << 32 | i;
    std::sort(order_.begin(), order_.end());

    kept_boxes_.reset(threshold, over, count);
    std::size_t found = 0;
    for (const std::uint64_t entry : order_) {
        const auto i = static_cast<std::uint32_t>(entry);
        const Box box = boxes[i];  // a copy: another Python thread may change the array
        if (can_overlap(box)) {
            if (kept_boxes_.overlaps(box)) continue;
            kept_boxes_.add(box);
        }
        kept[found++] = i;
    }
    return found;
}

}  // namespace mtcnn
