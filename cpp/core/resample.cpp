#include "core/resample.hpp"

#include <algorithm>
#include <cstddef>

#include "simd/dispatch.hpp"

namespace mtcnn {
namespace {

// Of a number that is not negative; std::ceil is a call where it is no instruction.
int round_up(double value) {
    const int below = static_cast<int>(value);
    return below + (below < value);
}

}  // namespace

void AxisWeights::assign(const Sampling& sampling, int first, int last) {
    const double length = (sampling.end - sampling.begin) / sampling.count;
    const double whole = 1 / length;  // the weight of a source pixel that is covered wholly
    const double size = sampling.size;
    spans_.clear();
    weights_.clear();
    for (int i = first; i < last; ++i) {
        const double from = std::clamp(sampling.begin + i * length, 0., size);
        const double to = std::clamp(sampling.begin + (i + 1) * length, from, size);
        const int begin = static_cast<int>(from), end = round_up(to);
        const std::size_t offset = weights_.size();
        spans_.push_back({begin, end - begin, static_cast<int>(offset)});
        if (begin == end) continue;
        weights_.resize(offset + end - begin, static_cast<float>(whole));
        weights_.back() = static_cast<float>((to - (end - 1)) * whole);
        weights_[offset] = static_cast<float>((std::min(to, begin + 1.) - from) * whole);
    }
}

void Resampler::resample(const ImageView& image, float* out) {
    lines_.resize(simd::lines_size(image.width));
    const simd::Axis y = rows.view(), x = columns.view();
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(y.size) * x.size;
    simd::kernels().resample(image, y, x, lines_.data(), {plane, x.size, 1, 0}, out);
}

}  // namespace mtcnn
