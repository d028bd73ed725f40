#include "core/box_grid.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "simd/dispatch.hpp"

namespace mtcnn {
namespace {

constexpr double kRounding = 0.999;    // widens bounds a little, against rounding
constexpr double kShortestSide = 0.1;  // pixels; boxes with shorter ones are in the lowest class
constexpr double kCellCost = 4;        // blocks that take as long to compare as a cell to find
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Returns the cell at a position, which is in cells.
std::int32_t index(double position) {
    return static_cast<std::int32_t>(std::clamp(std::floor(position), -1e9, 1e9));
}

simd::BoxBlock empty_block() {
    simd::BoxBlock block = {};
    std::fill_n(block.x1, simd::BoxBlock::kSize, kInfinity);
    std::fill_n(block.x2, simd::BoxBlock::kSize, -kInfinity);
    return block;
}

// Multiplies by odd constants whose bits have no pattern, and returns the upper half, on which
// every bit of the key has an effect.
std::size_t hash(std::uint64_t of_class, std::uint32_t x, std::uint32_t y) {
    const std::uint64_t mixed = x * 0x9E3779B97F4A7C15u ^ y * 0xC2B2AE3D27D4EB4Fu ^ of_class << 40;
    return mixed * 0xD6E8FEB86659FD93u >> 32;
}

}  // namespace

// An IoU above t needs more than t of both boxes' widths and heights in common: the intersection's
// area is above t times the union, which is at least the area of each box, and its height is at
// most the height of each. So the longer sides differ at most by the factor t.
void BoxGrid::reset(double threshold, Overlap over, std::size_t count) {
    threshold_ = static_cast<float>(threshold);
    over_ = over;
    share_ = over == Overlap::kUnion ? threshold * kRounding : 0;

    const double step = std::clamp(1 / share_, 1.25, 2.0);
    class_count_ = 0;
    for (double cell = kShortestSide; cell <= kLongestSide;)
        classes_[class_count_++] = {cell *= step, kNone, 0, kInfinity, 0};
    const double apart = share_ > 0 ? std::ceil(-std::log(share_) / std::log(step)) : kMostClasses;
    reach_ = static_cast<int>(std::min<double>(apart, kMostClasses));

    const std::size_t entries = std::bit_ceil(2 * count + 1);  // at most half of them in use
    mask_ = entries - 1;
    if (cells_.size() < entries) cells_.resize(entries);
    std::fill_n(cells_.begin(), entries, Cell{0, 0, 0, kNone});
    blocks_.clear();
}

int BoxGrid::class_of(const Box& box) const {
    const double side = std::max(box.width(), box.height());
    const auto fits = [](const Class& boxes, double side) { return boxes.cell <= side; };
    const auto first = classes_.begin(), last = first + class_count_ - 1;
    return static_cast<int>(std::lower_bound(first, last, side, fits) - first);
}

// Returns the index of this cell's entry or, if it has none, of the unused entry for it.
std::size_t BoxGrid::entry(int of_class, std::int32_t x, std::int32_t y) const {
    std::size_t i = hash(of_class, x, y) & mask_;
    for (;; i = (i + 1) & mask_) {
        const Cell& cell = cells_[i];
        if (cell.newest == kNone || (cell.x == x && cell.y == y && cell.of_class == of_class))
            return i;
    }
}

std::int32_t BoxGrid::add_block(Class& boxes, std::int32_t next_of_cell) {
    blocks_.push_back({empty_block(), 0, next_of_cell, boxes.newest});
    ++boxes.blocks;
    return boxes.newest = static_cast<std::int32_t>(blocks_.size()) - 1;
}

void BoxGrid::add(const Box& box) {
    const int own = class_of(box);
    Class& boxes = classes_[own];
    const std::int32_t x = index(box.x1 / boxes.cell), y = index(box.y1 / boxes.cell);
    Cell& cell = cells_[entry(own, x, y)];
    if (cell.newest == kNone || blocks_[cell.newest].count == simd::BoxBlock::kSize)
        cell = {own, x, y, add_block(boxes, cell.newest)};
    Block& block = blocks_[cell.newest];
    const int i = block.count++;
    block.boxes.x1[i] = box.x1;
    block.boxes.y1[i] = box.y1;
    block.boxes.x2[i] = box.x2;
    block.boxes.y2[i] = box.y2;
    block.boxes.area[i] = box.area();
    boxes.smallest = std::min(boxes.smallest, box.area());
    boxes.largest = std::max(boxes.largest, box.area());
}

bool BoxGrid::overlaps(const Box& box) const {
    const int own = class_of(box), last = class_count_ - 1;
    for (int i = std::max(own - reach_, 0); i <= std::min(own + reach_, last); ++i)
        if (overlaps(i, box)) return true;
    return false;
}

bool BoxGrid::overlaps(int of_class, const Box& box) const {
    const Class& boxes = classes_[of_class];
    if (boxes.blocks == 0) return false;
    // No intersection is larger than the smaller box, and no union smaller than the larger one.
    const float area = box.area();
    if (boxes.largest < share_ * area || area < share_ * boxes.smallest) return false;
    const std::int32_t left = index(box.x1 / boxes.cell - (1 - share_));
    const std::int32_t right = index((box.x2 - share_ * box.width()) / boxes.cell);
    const std::int32_t top = index(box.y1 / boxes.cell - (1 - share_));
    const std::int32_t bottom = index((box.y2 - share_ * box.height()) / boxes.cell);
    const double cells = (right - left + 1.0) * (bottom - top + 1.0);
    if (cells * kCellCost > boxes.blocks) {
        for (std::int32_t i = boxes.newest; i != kNone; i = blocks_[i].next_of_class)
            if (overlaps(blocks_[i], box)) return true;
        return false;
    }
    for (std::int32_t y = top; y <= bottom; ++y)
        for (std::int32_t x = left; x <= right; ++x)
            for (std::int32_t i = cells_[entry(of_class, x, y)].newest; i != kNone;
                 i = blocks_[i].next_of_cell)
                if (overlaps(blocks_[i], box)) return true;
    return false;
}

bool BoxGrid::overlaps(const Block& block, const Box& box) const {
    return simd::kernels().overlaps(block.boxes, box, threshold_, over_);
}

}  // namespace mtcnn
