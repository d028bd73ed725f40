#include "core/networks/pixel_rows.hpp"

#include "simd/dispatch.hpp"

namespace mtcnn {

namespace {

constexpr int kChannels = 3;

// Writes a row's pixels to `out`, those of a phase `pitch` floats after those of the one before it.
void split_by_phase(const float* row, int width, std::ptrdiff_t pitch, float* out) {
    constexpr int kPhases = simd::kPixelPhases;
    const int tiles = width / kPhases;
    for (int tile = 0; tile < tiles; ++tile)
        for (int phase = 0; phase < kPhases; ++phase)
            out[phase * pitch + tile] = row[kPhases * tile + phase];
    for (int x = kPhases * tiles; x < width; ++x) out[x % kPhases * pitch + tiles] = row[x];
}

}  // namespace

void ArrayRows::read(int first, int count, std::ptrdiff_t pitch, float* out) {
    for (int y = first; y < first + count; ++y)
        for (int channel = 0; channel < kChannels; ++channel, out += simd::kPixelPhases * pitch) {
            const std::ptrdiff_t row = std::ptrdiff_t{channel} * size_.height + y;
            split_by_phase(pixels_ + row * size_.width, size_.width, pitch, out);
        }
}

LevelRows::LevelRows(const Source& source, LevelSize level, AxisWeights& rows, AxisWeights& columns,
                     float* lines)
    : source_(source), level_(level), rows_(rows), columns_(columns), lines_(lines) {
    columns_.assign(columns_of(source, level), 0, level.width);
}

void LevelRows::read(int first, int count, std::ptrdiff_t pitch, float* out) {
    const std::ptrdiff_t channel = simd::kPixelPhases * pitch;
    rows_.assign(rows_of(source_, level_), first, first + count);
    simd::kernels().resample(source_.pixels, rows_.view(), columns_.view(), lines_,
                             {channel, kChannels * channel, simd::kPixelPhases, pitch}, out);
}

}  // namespace mtcnn
