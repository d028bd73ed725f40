// The max pooling of R-Net and O-Net.
#include "kernels/crop/flags.hpp"
#include "kernels/table.hpp"
#include "kernels/vector.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

// Returns the maximum of `window` pixels of a column, `row` floats apart.
Vector column_maximum(const float* column, int row, int window) {
    Vector most = load<Vector>(column);
    for (int y = 1; y < window; ++y) most = maximum(most, load<Vector>(column + y * row));
    return most;
}

template <int kWindow>
void pool_image(const float* image, int side, int channels, float* out) {
    const int row = side * channels, pooled = (side - kWindow) / 2 + 1;
    for (int y = 0; y < pooled; ++y, image += 2 * row, out += pooled * channels)
        for (int c = 0; c < channels; c += kLanes) {
            // A window of three shares a column with the next one.
            const float* column = image + c;
            Vector left = column_maximum(column, row, kWindow);
            for (int x = 0; x < pooled; ++x, column += 2 * channels) {
                Vector most = maximum(left, column_maximum(column + channels, row, kWindow));
                if (kWindow == 3 || x + 1 < pooled)
                    left = column_maximum(column + 2 * channels, row, kWindow);
                if (kWindow == 3) most = maximum(most, left);
                store(out + x * channels + c, most);
            }
        }
}

}  // namespace

void max_pool(const float* images, int count, int side, int channels, int window, float* out) {
    const int pooled = (side - window) / 2 + 1;
    for (int i = 0; i < count; ++i) {
        const auto pool = window == 3 ? pool_image<3> : pool_image<2>;
        pool(images, side, channels, out);
        images += side * side * channels;
        out += pooled * pooled * channels;
    }
}

}  // namespace mtcnn::simd::MTCNN_ISA
