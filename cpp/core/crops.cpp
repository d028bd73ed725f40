#include "core/crops.hpp"

#include <algorithm>
#include <cmath>

namespace mtcnn {
namespace {

bool has_area(const Box& box) {
    return std::isfinite(box.width()) && std::isfinite(box.height()) && box.x1 < box.x2 &&
           box.y1 < box.y2;
}

}  // namespace

void Cropper::crop(const ImageView& image, Box box, int size, float* out) {
    if (!has_area(box)) {
        std::fill_n(out, std::size_t{3} * size * size, 0.f);
        return;
    }
    resampler_.rows.assign({box.y1, box.y2, size, image.height});
    resampler_.columns.assign({box.x1, box.x2, size, image.width});
    resampler_.resample(image, out);
}

void crops(const ImageView& image, const Box* boxes, std::size_t count, int size, float* out) {
    Cropper cropper;
    const std::size_t length = std::size_t{3} * size * size;
    for (std::size_t i = 0; i < count; ++i) cropper.crop(image, boxes[i], size, out + i * length);
}

}  // namespace mtcnn
