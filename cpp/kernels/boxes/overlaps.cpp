// The comparison of a box with a block of boxes.
#include "kernels/table.hpp"
#include "kernels/vector.hpp"

namespace mtcnn::simd::MTCNN_ISA {

bool overlaps(const BoxBlock& block, const Box& box, float threshold, Overlap over) {
    const Vector zero = {};
    const Vector x1 = zero + box.x1, y1 = zero + box.y1, x2 = zero + box.x2, y2 = zero + box.y2;
    const Vector area = (x2 - x1) * (y2 - y1);
    Integers found = {};
    for (int i = 0; i < BoxBlock::kSize; i += kLanes) {
        const Vector width =
            minimum(load<Vector>(block.x2 + i), x2) - maximum(load<Vector>(block.x1 + i), x1);
        const Vector height =
            minimum(load<Vector>(block.y2 + i), y2) - maximum(load<Vector>(block.y1 + i), y1);
        const Vector common = maximum(width, zero) * maximum(height, zero);
        const Vector other = load<Vector>(block.area + i);
        const Vector whole = over == Overlap::kUnion ? area + other - common : minimum(area, other);
        found |= common > threshold * whole;
    }
    return any(found);
}

}  // namespace mtcnn::simd::MTCNN_ISA
