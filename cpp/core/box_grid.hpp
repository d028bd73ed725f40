// Boxes by place and size: finds whether any overlaps another box without looking at all of them.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/box.hpp"
#include "simd/kernels.hpp"

namespace mtcnn {

// Boxes whose longer side is in [step^k, step^(k+1)) form class k, with a grid of cells of
// step^(k+1) pixels; a box lies in the cell of its upper left corner. So all boxes of a class that
// can overlap another box are in the cells from one cell before it to its lower right corner, and
// where an IoU is asked for, in fewer cells and in few classes.
class BoxGrid {
  public:
    static constexpr float kLongestSide = 1 << 30;

    // Empties it, for up to `count` boxes; it allocates only when there were never so many.
    void reset(double threshold, Overlap over, std::size_t count);

    // A box with sides above 0 and up to kLongestSide.
    void add(const Box& box);

    // Whether a box of the grid overlaps this one by more than the threshold.
    bool overlaps(const Box& box) const;

  private:
    static constexpr std::int32_t kNone = -1;
    static constexpr int kMostClasses = 108;  // of the smallest step

    struct Block {
        simd::BoxBlock boxes;
        int count;
        std::int32_t next_of_cell, next_of_class;
    };
    struct Class {
        double cell;
        std::int32_t newest;  // its last block
        int blocks;
        float smallest, largest;  // area
    };
    // An entry of the hash table.
    struct Cell {
        std::int32_t of_class, x, y;
        std::int32_t newest;  // its last block; kNone: the entry is not in use
    };

    int class_of(const Box& box) const;
    std::size_t entry(int of_class, std::int32_t x, std::int32_t y) const;
    std::int32_t add_block(Class& boxes, std::int32_t next_of_cell);
    bool overlaps(int of_class, const Box& box) const;
    bool overlaps(const Block& block, const Box& box) const;

    float threshold_ = 0;
    Overlap over_ = Overlap::kUnion;
    double share_ = 0;  // of either side that overlapping boxes have in common, at least
    int reach_ = 0;     // between the classes of overlapping boxes, at most
    int class_count_ = 0;
    std::array<Class, kMostClasses> classes_;
    std::vector<Block> blocks_;
    std::vector<Cell> cells_;  // the hash table, of which mask_ + 1 entries are in use
    std::size_t mask_ = 0;
};

}  // namespace mtcnn
