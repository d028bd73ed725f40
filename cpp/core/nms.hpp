// Non-maximum suppression (section 2.1).
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/box.hpp"
#include "core/box_grid.hpp"

namespace mtcnn {

// Does one suppression after another. Allocates only when it must grow.
class Nms {
  public:
    // Suppresses greedily: the box of the highest score stays, those that overlap it by more than
    // `threshold` go, and so on. Writes the indices of the boxes that stay to `kept`, which has
    // room for `count`, best first, equal scores in the order of their index, and returns their
    // number. A box without area, or with sides that are not numbers or BoxGrid::kLongestSide and
    // more, overlaps nothing.
    std::size_t run(const Box* boxes, const float* scores, std::size_t count, double threshold,
                    Overlap over, std::int64_t* kept);

  private:
    std::vector<std::uint64_t> order_;
    BoxGrid kept_boxes_;
};

}  // namespace mtcnn
