// A box in continuous pixel coordinates: pixel i covers [i, i + 1).
//
// The authors' MATLAB code counts pixels from 1 and includes the last one: its box (x1, y1, x2, y2)
// is (x1 - 1, y1 - 1, x2, y2) here, and its sides x2 - x1 + 1 are x2 - x1.
#pragma once

namespace mtcnn {

struct Box {
    float x1, y1, x2, y2;

    float width() const { return x2 - x1; }
    float height() const { return y2 - y1; }
    float area() const { return width() * height(); }
};

// Names the area that the intersection of two boxes is divided by: their union (IoU), or the
// smaller of them, which also finds a box inside another.
enum class Overlap { kUnion, kSmaller };

// A network's correction of a box: the distance that each side moves, in widths (x) and heights (y)
// of the box.
struct Regression {
    float x1, y1, x2, y2;
};

// In pixels of the image, or in widths and heights of a box.
struct Point {
    float x, y;
};

}  // namespace mtcnn
