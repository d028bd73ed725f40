// The image pyramid (section 2.1): the image at every scale at which a window of 12 x 12 pixels can
// be a face.
#pragma once
#include <vector>

#include "core/halves.hpp"
#include "core/resample.hpp"

namespace mtcnn {

constexpr int kCell = 12;   // side of a face that P-Net sees, in pixels of a level
constexpr int kStride = 2;  // distance of neighboring P-Net cells, in pixels of a level

// Returns the sizes of the levels, largest first: those at scales 12 / min_face_size *
// scale_factor^k while the shorter side is >= 12 pixels and the face size of the level, 12 / scale
// pixels of the image, is at most max_face_size.
std::vector<LevelSize> pyramid(int height, int width, double min_face_size, double scale_factor,
                               double max_face_size);

// Return the sampling that turns the rows, or the columns, of a source into those of a level.
Sampling rows_of(const Source& source, LevelSize level);
Sampling columns_of(const Source& source, LevelSize level);

// Fills out (3, rows, width), planar RGB, 0 to 255, with rows [first_row, first_row + rows) of a
// level.
void resize(const Source& source, LevelSize level, int first_row, int rows, float* out);

}  // namespace mtcnn
