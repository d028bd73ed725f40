#include "core/pyramid.hpp"

#include <algorithm>
#include <cmath>

namespace mtcnn {
namespace {

// Rounded up, as the authors do; 384.0000000001 pixels are 384.
int level_side(int side, double scale) { return static_cast<int>(std::ceil(side * scale - 1e-6)); }

}  // namespace

std::vector<LevelSize> pyramid(int height, int width, double min_face_size, double scale_factor,
                               double max_face_size) {
    std::vector<LevelSize> levels;
    double scale = kCell / min_face_size;
    while (std::min(height, width) * scale >= kCell && kCell / scale <= max_face_size) {
        levels.push_back({level_side(height, scale), level_side(width, scale)});
        scale *= scale_factor;
    }
    return levels;
}

Sampling rows_of(const ImageView& image, LevelSize level) {
    return {0, static_cast<double>(image.height), level.height, image.height};
}

Sampling columns_of(const ImageView& image, LevelSize level) {
    return {0, static_cast<double>(image.width), level.width, image.width};
}

void resize(const ImageView& image, LevelSize level, int first_row, int rows, float* out) {
    Resampler resampler;
    resampler.rows.assign(rows_of(image, level), first_row, first_row + rows);
    resampler.columns.assign(columns_of(image, level));
    resampler.resample(image, out);
}

}  // namespace mtcnn
