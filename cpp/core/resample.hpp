// Area averaging, the anti-aliased resize of both the pyramid and the crops: every output pixel is
// the mean of the image over the rectangle that it covers. Outside the image is black, as in the
// authors' code. The two axes separate: a weighted sum of rows, then one of columns.
#pragma once
#include <vector>

#include "base/image.hpp"
#include "simd/kernels.hpp"

namespace mtcnn {

// Along one axis: [begin, end) of the source, in pixels, resampled to `count` pixels. Source pixels
// beyond [0, size) do not exist: their share is missing, which is what makes them black.
struct Sampling {
    double begin, end;
    int count, size;
};

// Which source pixels an output pixel sums, and with what weights.
class AxisWeights {
  public:
    void assign(const Sampling& sampling) { assign(sampling, 0, sampling.count); }

    // Those of the output pixels [first, last). It allocates only when it must grow.
    void assign(const Sampling& sampling, int first, int last);

    simd::Axis view() const { return view(0, static_cast<int>(spans_.size())); }

    // Of the output pixels that it has, those at [first, last).
    simd::Axis view(int first, int last) const {
        return {last - first, spans_.data() + first, weights_.data()};
    }

  private:
    std::vector<simd::Span> spans_;
    std::vector<float> weights_;
};

// What one image after another is resampled with; it allocates only when it must grow.
class Resampler {
  public:
    AxisWeights rows, columns;

    // out (3, rows, columns), planar RGB, 0 to 255, not rounded.
    void resample(const ImageView& image, float* out);

  private:
    std::vector<float> lines_;
};

}  // namespace mtcnn
