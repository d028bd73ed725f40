#include "core/box_grid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "simd/dispatch.hpp"

namespace mtcnn {
namespace {

constexpr double kRounding = 0.999;    // bounds are a little wider than exact arithmetic's
constexpr double kShortestSide = 0.1;  // shorter ones are in the lowest class too
constexpr double kLookup = 4;          // looking a cell up takes as long as so many blocks

std::int32_t index(double position) {
    return static_cast<std::int32_t>(std::clamp(std::floor(position), -1e9, 1e9));
}

std::uint64_t key(std::int32_t x, std::int32_t y) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(x)) << 32 |
           static_cast<std::uint32_t>(y);
}

simd::BoxBlock empty_block() {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    simd::BoxBlock block = {};
    std::fill_n(block.x1, simd::BoxBlock::kSize, kInfinity);
    std::fill_n(block.x2, simd::BoxBlock::kSize, -kInfinity);
    return block;
}

}  // namespace

// An IoU above t needs more than t of either box's width and height in common: ix iy > t union >=
// t max(area), and iy is at most either height. So longer sides are also within a factor of t.
BoxGrid::BoxGrid(double threshold, Overlap over)
    : threshold_(static_cast<float>(threshold)),
      over_(over),
      share_(over == Overlap::kUnion ? threshold * kRounding : 0),
      step_(std::clamp(1 / share_, 1.25, 2.0)) {
    double cell = kShortestSide;
    while (cell <= kLongestSide) classes_.push_back({cell *= step_, {}, {}});
    const double apart = share_ > 0 ? std::ceil(-std::log(share_) / std::log(step_)) : 1e9;
    reach_ = static_cast<int>(std::min<double>(apart, static_cast<double>(classes_.size())));
}

int BoxGrid::class_of(const Box& box) const {
    const double side = std::max(box.width(), box.height());
    const auto fits = [](const Class& boxes, double side) { return boxes.cell <= side; };
    const auto found = std::lower_bound(classes_.begin(), classes_.end() - 1, side, fits);
    return static_cast<int>(found - classes_.begin());
}

void BoxGrid::add(const Box& box) {
    Class& boxes = classes_[class_of(box)];
    const std::uint64_t place = key(index(box.x1 / boxes.cell), index(box.y1 / boxes.cell));
    std::int32_t& newest = boxes.cells.try_emplace(place, -1).first->second;
    if (newest < 0 || boxes.blocks[newest].count == simd::BoxBlock::kSize) {
        boxes.blocks.push_back({empty_block(), 0, newest});
        newest = static_cast<std::int32_t>(boxes.blocks.size()) - 1;
    }
    Block& block = boxes.blocks[newest];
    const int i = block.count++;
    block.boxes.x1[i] = box.x1;
    block.boxes.y1[i] = box.y1;
    block.boxes.x2[i] = box.x2;
    block.boxes.y2[i] = box.y2;
    block.boxes.area[i] = box.area();
}

bool BoxGrid::overlaps(const Box& box) const {
    const int own = class_of(box), last = static_cast<int>(classes_.size()) - 1;
    for (int i = std::max(own - reach_, 0); i <= std::min(own + reach_, last); ++i)
        if (overlaps(classes_[i], box)) return true;
    return false;
}

bool BoxGrid::overlaps(const Class& boxes, const Box& box) const {
    if (boxes.blocks.empty()) return false;
    const std::int32_t left = index(box.x1 / boxes.cell - (1 - share_));
    const std::int32_t right = index((box.x2 - share_ * box.width()) / boxes.cell);
    const std::int32_t top = index(box.y1 / boxes.cell - (1 - share_));
    const std::int32_t bottom = index((box.y2 - share_ * box.height()) / boxes.cell);
    const double cells = (right - left + 1.0) * (bottom - top + 1.0);
    if (cells * kLookup > static_cast<double>(boxes.blocks.size()))
        return std::any_of(boxes.blocks.begin(), boxes.blocks.end(),
                           [&](const Block& block) { return overlaps(block, box); });
    for (std::int32_t y = top; y <= bottom; ++y) {
        for (std::int32_t x = left; x <= right; ++x) {
            const auto cell = boxes.cells.find(key(x, y));
            if (cell == boxes.cells.end()) continue;
            for (std::int32_t i = cell->second; i >= 0; i = boxes.blocks[i].next)
                if (overlaps(boxes.blocks[i], box)) return true;
        }
    }
    return false;
}

bool BoxGrid::overlaps(const Block& block, const Box& box) const {
    return simd::kernels().overlaps(block.boxes, box, threshold_, over_);
}

}  // namespace mtcnn
