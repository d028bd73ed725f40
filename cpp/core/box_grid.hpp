// Sorts boxes by place and size, so that those that may overlap a given box are found without
// comparing it with all of them.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/box.hpp"
#include "simd/kernels.hpp"

namespace mtcnn {

// Boxes whose longer side is in [step^k, step^(k+1)) form class k, which has a grid of cells of
// step^(k+1) pixels. A box lies in the cell of its upper left corner. So all boxes of a class that
// can overlap another box are in the cells from one cell before that box to its lower right corner.
// For an IoU, fewer cells and few classes are enough.
class BoxGrid {
  public:
    static constexpr float kLongestSide = 1 << 30;

    // Removes all boxes and prepares for up to `count` of them. `threshold` and `over` are those of
    // overlaps(). Allocates only when there were never so many boxes.
    void reset(double threshold, Overlap over, std::size_t count);

    // Adds a box whose sides are above 0 and at most kLongestSide pixels.
    void add(const Box& box);

    // Returns true if a box of the grid overlaps this one by more than the threshold.
    bool overlaps(const Box& box) const;

  private:
    static constexpr std::int32_t kNone = -1;
    static constexpr int kMostClasses = 108;  // with the smallest step

    struct Block {
        simd::BoxBlock boxes;
        int count;
        std::int32_t next_of_cell, next_of_class;
    };
    struct Class {
        double cell;          // side in pixels
        std::int32_t newest;  // its last block
        int blocks;
        float smallest, largest;  // areas of its boxes
    };
    // An entry of the hash table: the cell's class and position, and its last block. The entry is
    // not in use if that is kNone.
    struct Cell {
        std::int32_t of_class, x, y;
        std::int32_t newest;
    };

    int class_of(const Box& box) const;
    std::size_t entry(int of_class, std::int32_t x, std::int32_t y) const;
    std::int32_t add_block(Class& boxes, std::int32_t next_of_cell);
    bool overlaps(int of_class, const Box& box) const;
    bool overlaps(const Block& block, const Box& box) const;

    float threshold_ = 0;
    Overlap over_ = Overlap::kUnion;
    double share_ = 0;  // least share of each side that overlapping boxes have in common
    int reach_ = 0;     // largest difference between the classes of overlapping boxes
    int class_count_ = 0;
    std::array<Class, kMostClasses> classes_;
    std::vector<Block> blocks_;
    std::vector<Cell> cells_;  // the hash table: its first mask_ + 1 entries
    std::size_t mask_ = 0;
};

}  // namespace mtcnn
