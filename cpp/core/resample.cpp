#include "core/resample.hpp"

#include <algorithm>
#include <cmath>

#include "simd/dispatch.hpp"

namespace mtcnn {

void AxisWeights::assign(double begin, double end, int count, int size) {
    const double length = (end - begin) / count;
    spans_.clear();
    weights_.clear();
    spans_.reserve(count);
    weights_.reserve(static_cast<std::size_t>(2 * count + std::min<double>(size, end - begin)));
    for (int i = 0; i < count; ++i) {
        const double from = begin + i * length, to = begin + (i + 1) * length;
        const int first = static_cast<int>(std::clamp<double>(std::floor(from), 0, size));
        const int last = static_cast<int>(std::clamp<double>(std::ceil(to), first, size));
        spans_.push_back({first, last - first, static_cast<int>(weights_.size())});
        for (int pixel = first; pixel < last; ++pixel) {
            const double covered = std::min<double>(to, pixel + 1) - std::max<double>(from, pixel);
            weights_.push_back(static_cast<float>(std::max(covered, 0.0) / length));
        }
    }
}

void Resampler::resample(const ImageView& image, float* out) {
    line_.resize(simd::line_size(image.width));
    simd::kernels().resample(image, rows.view(), columns.view(), line_.data(), out);
}

}  // namespace mtcnn
