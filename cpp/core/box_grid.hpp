// Boxes by place and size: finds whether any overlaps another box without looking at all of them.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/box.hpp"
#include "simd/kernels.hpp"

namespace mtcnn {

// Boxes whose longer side is in [step^k, step^(k+1)) form class k, with a grid of cells of
// step^(k+1) pixels; a box lies in the cell of its upper left corner. So all boxes of a class that
// can overlap another box are in the cells from one cell before it to its lower right corner, and
// where an IoU is asked for, in fewer cells and in few classes.
class BoxGrid {
  public:
    static constexpr float kLongestSide = 1 << 30;

    BoxGrid(double threshold, Overlap over);

    // A box with sides above 0 and up to kLongestSide.
    void add(const Box& box);

    // Whether a box of the grid overlaps this one by more than the threshold.
    bool overlaps(const Box& box) const;

  private:
    struct Block {
        simd::BoxBlock boxes;
        int count;
        std::int32_t next;  // block of the same cell
    };
    struct Class {
        double cell;
        std::vector<Block> blocks;
        std::unordered_map<std::uint64_t, std::int32_t> cells;  // the newest block of a cell
    };

    int class_of(const Box& box) const;
    bool overlaps(const Class& boxes, const Box& box) const;
    bool overlaps(const Block& block, const Box& box) const;

    float threshold_;
    Overlap over_;
    double share_;  // of either side that overlapping boxes have in common, at least
    double step_;
    int reach_;  // between the classes of overlapping boxes, at most
    std::vector<Class> classes_;
};

}  // namespace mtcnn
