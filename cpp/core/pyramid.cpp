#include "core/pyramid.hpp"

#include <algorithm>
#include <cmath>

namespace mtcnn {
namespace {

// Returns a side of a level in pixels, rounded up as the authors do; 384.0000000001 are 384.
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

Sampling rows_of(const Source& source, LevelSize level) {
    return {0, source.height, level.height, source.pixels.height};
}

Sampling columns_of(const Source& source, LevelSize level) {
    return {0, source.width, level.width, source.pixels.width};
}

void resize(const Source& source, LevelSize level, int first_row, int rows, float* out) {
    Resampler resampler;
    resampler.rows.assign(rows_of(source, level), first_row, first_row + rows);
    resampler.columns.assign(columns_of(source, level));
    resampler.resample(source.pixels, out);
}

}  // namespace mtcnn
