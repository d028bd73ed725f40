#include "core/resample.hpp"

#include <algorithm>
#include <cmath>

#include "simd/dispatch.hpp"

namespace mtcnn {

void AxisWeights::assign(const Sampling& sampling, int first, int last) {
    const double length = (sampling.end - sampling.begin) / sampling.count;
    spans_.clear();
    weights_.clear();
    for (int i = first; i < last; ++i) {
        const double from = sampling.begin + i * length, to = sampling.begin + (i + 1) * length;
        const int begin = static_cast<int>(std::clamp<double>(std::floor(from), 0, sampling.size));
        const int end = static_cast<int>(std::clamp<double>(std::ceil(to), begin, sampling.size));
        spans_.push_back({begin, end - begin, static_cast<int>(weights_.size())});
        for (int pixel = begin; pixel < end; ++pixel) {
            const double covered = std::min<double>(to, pixel + 1) - std::max<double>(from, pixel);
            weights_.push_back(static_cast<float>(std::max(covered, 0.0) / length));
        }
    }
}

void Resampler::resample(const ImageView& image, float* out) {
    lines_.resize(simd::lines_size(image.width));
    const simd::Axis y = rows.view(), x = columns.view();
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(y.size) * x.size;
    simd::kernels().resample(image, y, x, lines_.data(), {plane, x.size, 1, 0}, out);
}

}  // namespace mtcnn
