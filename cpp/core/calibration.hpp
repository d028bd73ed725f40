// Changes boxes between the networks (section 2.1): the bounding box regression moves them, they
// become squares for the next network's crops, and in the end they are clipped to the image.
#pragma once
#include <algorithm>

#include "base/box.hpp"

namespace mtcnn {

// Returns the box with each side moved by the regression.
inline Box calibrate(const Box& box, const Regression& move) {
    const float width = box.width(), height = box.height();
    return {box.x1 + move.x1 * width, box.y1 + move.y1 * height, box.x2 + move.x2 * width,
            box.y2 + move.y2 * height};
}

// Returns the square of the longer side about the same center.
inline Box square(const Box& box) {
    const float half = (box.width() > box.height() ? box.width() : box.height()) / 2;
    const float x = (box.x1 + box.x2) / 2, y = (box.y1 + box.y2) / 2;
    return {x - half, y - half, x + half, y + half};
}

// Returns the box with the same center, whose sides are `scale` times as long.
inline Box resized(const Box& box, double scale) {
    const float growth = static_cast<float>((scale - 1) / 2);
    const float x = box.width() * growth, y = box.height() * growth;
    return {box.x1 - x, box.y1 - y, box.x2 + x, box.y2 + y};
}

// Returns the box with its sides moved into an image of height x width pixels.
inline Box clip(const Box& box, int height, int width) {
    const float right = static_cast<float>(width), bottom = static_cast<float>(height);
    return {std::clamp(box.x1, 0.f, right), std::clamp(box.y1, 0.f, bottom),
            std::clamp(box.x2, 0.f, right), std::clamp(box.y2, 0.f, bottom)};
}

// Returns a landmark in pixels of the image; given in widths and heights of the box, from its upper
// left corner.
inline Point place(const Box& box, const Point& landmark) {
    return {box.x1 + landmark.x * box.width(), box.y1 + landmark.y * box.height()};
}

}  // namespace mtcnn
