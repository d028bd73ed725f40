#include "simd/table.hpp"
#include "simd/vector.hpp"

namespace mtcnn::simd::MTCNN_ISA {

void max_pool(const float* images, int count, int side, int channels, int window, float* out) {
    const int row = side * channels;
    for (int image = 0; image < count; ++image, images += side * row)
        for (int y = 0; y <= side - window; y += 2)
            for (int x = 0; x <= side - window; x += 2) {
                const float* corner = images + y * row + x * channels;
                for (int c = 0; c < channels; c += kLanes, out += kLanes) {
                    Vector most = load<Vector>(corner + c);
                    for (int dy = 0; dy < window; ++dy)
                        for (int dx = 0; dx < window; ++dx)
                            most =
                                maximum(most, load<Vector>(corner + dy * row + dx * channels + c));
                    store(out, most);
                }
            }
}

}  // namespace mtcnn::simd::MTCNN_ISA
