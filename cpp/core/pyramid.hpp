// The image pyramid (section 2.1): the image at every scale at which a 12 x 12 window can be a
// face.
#pragma once
#include <vector>

#include "core/halves.hpp"
#include "core/resample.hpp"

namespace mtcnn {

constexpr int kCell = 12;   // P-Net sees faces of this size, in pixels of a level
constexpr int kStride = 2;  // distance of neighbouring P-Net cells, in pixels of a level

// Scales 12 / min_face_size * scale_factor^k while the shorter side is >= 12 pixels and the face
// size of the level, 12 / scale, is at most max_face_size. Largest level first.
std::vector<LevelSize> pyramid(int height, int width, double min_face_size, double scale_factor,
                               double max_face_size);

// How the axes of what a level is averaged from become those of the level.
Sampling rows_of(const Source& source, LevelSize level);
Sampling columns_of(const Source& source, LevelSize level);

// Rows [first_row, first_row + rows) of a level, averaged into out (3, rows, width), planar RGB.
void resize(const Source& source, LevelSize level, int first_row, int rows, float* out);

}  // namespace mtcnn
