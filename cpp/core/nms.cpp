#include "core/nms.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/box_grid.hpp"

namespace mtcnn {
namespace {

bool has_area(const Box& box) {
    return box.width() > 0 && box.width() < BoxGrid::kLongestSide && box.height() > 0 &&
           box.height() < BoxGrid::kLongestSide;
}

// A score that is no number is the lowest.
bool better(float a, float b) { return a > b || (std::isnan(b) && !std::isnan(a)); }

}  // namespace

std::vector<std::int64_t> nms(const Box* boxes, const float* scores, std::size_t count,
                              double threshold, Overlap over) {
    std::vector<std::int64_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return better(scores[a], scores[b]); });
    BoxGrid kept_boxes(threshold, over);
    std::vector<std::int64_t> kept;
    for (const std::int64_t i : order) {
        if (has_area(boxes[i])) {
            if (kept_boxes.overlaps(boxes[i])) continue;
            kept_boxes.add(boxes[i]);
        }
        kept.push_back(i);
    }
    return kept;
}

}  // namespace mtcnn
