#include "core/networks/pixel_rows.hpp"

#include "simd/dispatch.hpp"

namespace mtcnn {

void ArrayRows::read(int first, int count, const simd::PlanarLayout& layout, float* out) {
    for (int channel = 0; channel < 3; ++channel) {
        for (int y = 0; y < count; ++y) {
            const std::ptrdiff_t row = std::ptrdiff_t{channel} * size_.height + first + y;
            const float* from = pixels_ + row * size_.width;
            for (int phase = 0; phase < layout.phases; ++phase) {
                float* to = out + channel * layout.channel + y * layout.row + phase * layout.phase;
                for (int x = phase; x < size_.width; x += layout.phases) *to++ = from[x];
            }
        }
    }
}

LevelRows::LevelRows(const ImageView& image, LevelSize level, AxisWeights& rows,
                     AxisWeights& columns, float* lines)
    : image_(image), level_(level), rows_(rows), columns_(columns), lines_(lines) {
    columns_.assign(columns_of(image, level), 0, level.width);
}

void LevelRows::read(int first, int count, const simd::PlanarLayout& layout, float* out) {
    rows_.assign(rows_of(image_, level_), first, first + count);
    simd::kernels().resample(image_, rows_.view(), columns_.view(), lines_, layout, out);
}

}  // namespace mtcnn
