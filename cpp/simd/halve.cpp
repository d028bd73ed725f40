#include "simd/table.hpp"
#include "simd/vector.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

constexpr int kChannels = 3;
constexpr int kStep = 2 * kLanes;  // bytes at a time
constexpr int kPixels = 64;        // of the result at a time
constexpr int kBytes = 2 * kChannels * kPixels;

// means[i] = the mean of what is at i and at the same channel of the next pixel, in both rows. They
// are right where i is in an even pixel; the others are nobody's.
inline void average(const std::uint8_t* top, const std::uint8_t* bottom, int bytes,
                    std::uint8_t* means) {
    int i = 0;
    for (; i + kStep + kChannels <= bytes; i += kStep) {
        const Words sum = load_words(top + i) + load_words(top + i + kChannels) +
                          load_words(bottom + i) + load_words(bottom + i + kChannels);
        store_bytes(means + i, (sum + 2) >> 2);
    }
    for (; i + kChannels < bytes; ++i)
        means[i] = (top[i] + top[i + kChannels] + bottom[i] + bottom[i + kChannels] + 2) >> 2;
}

}  // namespace

void halve(const std::uint8_t* top, const std::uint8_t* bottom, int width, std::uint8_t* out) {
    std::uint8_t means[kBytes];
    const int pairs = width / 2;
    for (int first = 0; first < pairs; first += kPixels) {
        const int count = minimum(kPixels, pairs - first), from = 2 * kChannels * first;
        average(top + from, bottom + from, 2 * kChannels * count, means);
        // Four bytes a pixel, of which the next one overwrites the last.
        const std::uint8_t* mean = means;
        for (int i = 1; i < count; ++i, mean += 2 * kChannels, out += kChannels)
            store(out, load<std::uint32_t>(mean));
        for (int channel = 0; channel < kChannels; ++channel) *out++ = mean[channel];
    }
    if (width % 2 == 0) return;
    for (int i = kChannels * (width - 1); i < kChannels * width; ++i)
        *out++ = (top[i] + bottom[i] + 1) >> 1;
}

}  // namespace mtcnn::simd::MTCNN_ISA
