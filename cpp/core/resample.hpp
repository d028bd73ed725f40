// Area averaging, the anti-aliased resize of both the pyramid and the crops: every output pixel is
// the mean of the image over the rectangle that it covers. The image is black outside, as in the
// authors' code. The two axes are separate: a weighted sum of rows, then one of columns.
#pragma once
#include <vector>

#include "base/image.hpp"
#include "simd/kernels.hpp"

namespace mtcnn {

// Along one axis: [begin, end) of the source, in pixels, becomes `count` pixels. Source pixels
// beyond [0, size) do not exist: they add nothing to a mean, and so count as black.
struct Sampling {
    double begin, end;
    int count, size;
};

// The source pixels that each output pixel sums along an axis, and their weights.
class AxisWeights {
  public:
    void assign(const Sampling& sampling) { assign(sampling, 0, sampling.count); }

    // Computes those of the output pixels [first, last). Allocates only when it must grow.
    void assign(const Sampling& sampling, int first, int last);

    // Returns them for the kernels, of all output pixels or of those at [first, last).
    simd::Axis view() const { return view(0, static_cast<int>(spans_.size())); }
    simd::Axis view(int first, int last) const {
        return {last - first, spans_.data() + first, weights_.data()};
    }

  private:
    std::vector<simd::Span> spans_;
    std::vector<float> weights_;
};

// Resamples one image after another. Allocates only when it must grow.
class Resampler {
  public:
    AxisWeights rows, columns;

    // Fills out (3, rows, columns), planar RGB, 0 to 255, not rounded.
    void resample(const ImageView& image, float* out);

  private:
    std::vector<float> lines_;
};

}  // namespace mtcnn
