// Area averaging, the anti-aliased resize of both the pyramid and the crops: every output pixel is
// the mean of the image over the rectangle that it covers. Outside the image is black, as in the
// authors' code. The two axes separate: a weighted sum of rows, then one of columns.
#pragma once
#include <vector>

#include "core/image.hpp"
#include "simd/kernels.hpp"

namespace mtcnn {

// Along one axis: [begin, end) of the source, in pixels, resampled to `count` pixels: which source
// pixels each of them sums, and with what weights. Source pixels beyond [0, size) do not exist:
// their share is missing, which is what makes them black.
class AxisWeights {
  public:
    void assign(double begin, double end, int count, int size);

    simd::Axis view() const {
        return {static_cast<int>(spans_.size()), spans_.data(), weights_.data()};
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
    std::vector<float> line_;
};

}  // namespace mtcnn
