#include "core/resample.hpp"

#include <algorithm>
#include <cstddef>

#include "simd/dispatch.hpp"

namespace mtcnn {
namespace {

// Returns a number that is not negative, rounded up. std::ceil is a call on processors that have no
// instruction for it.
int round_up(double value) {
    const int below = static_cast<int>(value);
    return below + (below < value);
}

// Weights that are written at a time; the next span's go over those that are too many. Counts
// differ from span to span, so that a loop of single ones would often mispredict its end.
constexpr int kAtOnce = 8;

void fill(float* weights, int count, float weight) {
    for (int i = 0; i < count; i += kAtOnce) std::fill_n(weights + i, kAtOnce, weight);
}

}  // namespace

void AxisWeights::assign(const Sampling& sampling, int first, int last) {
    const double length = (sampling.end - sampling.begin) / sampling.count;
    const double whole = 1 / length;  // weight of a source pixel that is covered wholly
    const double size = sampling.size;
    const auto edge = [&](int i) { return std::clamp(sampling.begin + i * length, 0., size); };
    spans_.resize(last - first);
    // Neighboring spans share one source pixel at most.
    const std::size_t most = sampling.size + spans_.size();
    weights_.resize(std::max(weights_.size(), most + kAtOnce));
    int offset = 0;
    double from = edge(first);
    for (simd::Span& span : spans_) {
        const double to = edge(++first);
        const int begin = static_cast<int>(from), end = round_up(to);
        span = {begin, end - begin, offset};
        if (begin < end) {
            float* weights = weights_.data() + offset;
            fill(weights, span.count, static_cast<float>(whole));
            weights[span.count - 1] = static_cast<float>((to - (end - 1)) * whole);
            weights[0] = static_cast<float>((std::min(to, begin + 1.) - from) * whole);
        }
        offset += span.count;
        from = to;
    }
}

void Resampler::resample(const ImageView& image, float* out) {
    lines_.resize(simd::lines_size(image.width));
    const simd::Axis y = rows.view(), x = columns.view();
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(y.size) * x.size;
    simd::kernels().resample(image, y, x, lines_.data(), {plane, x.size, 1, 0}, out);
}

}  // namespace mtcnn
