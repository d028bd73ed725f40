#include "core/crops.hpp"

#include <algorithm>
#include <cmath>

#include "core/resample.hpp"

namespace mtcnn {
namespace {

bool has_area(const Box& box) {
    return std::isfinite(box.width()) && std::isfinite(box.height()) && box.x1 < box.x2 &&
           box.y1 < box.y2;
}

}  // namespace

void crops(const ImageView& image, const Box* boxes, std::size_t count, int size, float* out) {
    const std::size_t length = std::size_t{3} * size * size;
    for (std::size_t i = 0; i < count; ++i, out += length) {
        const Box& box = boxes[i];
        if (!has_area(box)) {
            std::fill_n(out, length, 0.f);
            continue;
        }
        const AxisWeights rows({box.y1, box.y2, size, image.height});
        const AxisWeights columns({box.x1, box.x2, size, image.width});
        resample(image, rows, columns, out);
    }
}

}  // namespace mtcnn
