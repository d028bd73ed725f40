#include "core/calibration.hpp"

#include <algorithm>

namespace mtcnn {

Box clip(const Box& box, int height, int width) {
    const float right = static_cast<float>(width), bottom = static_cast<float>(height);
    return {std::clamp(box.x1, 0.f, right), std::clamp(box.y1, 0.f, bottom),
            std::clamp(box.x2, 0.f, right), std::clamp(box.y2, 0.f, bottom)};
}

}  // namespace mtcnn
