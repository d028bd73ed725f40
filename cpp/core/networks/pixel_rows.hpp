// Sources of P-Net's pixels: the rows of an array, or of a level that is never stored as a whole.
#pragma once
#include "base/image.hpp"
#include "core/pyramid.hpp"
#include "core/resample.hpp"
#include "simd/kernels.hpp"

namespace mtcnn {

class PixelRows {
  public:
    virtual ~PixelRows() = default;
    // Writes rows [first, first + count) to `out`, one after the other in the layout of
    // simd/pnet.hpp, with `pitch` floats a phase.
    virtual void read(int first, int count, std::ptrdiff_t pitch, float* out) = 0;
};

// Reads an array (3, height, width), planar RGB.
class ArrayRows final : public PixelRows {
  public:
    ArrayRows(const float* pixels, LevelSize size) : pixels_(pixels), size_(size) {}
    void read(int first, int count, std::ptrdiff_t pitch, float* out) override;

  private:
    const float* pixels_;
    LevelSize size_;
};

// Averages a level out of its source. Uses memory that outlives it: `lines` has
// simd::lines_size(source.pixels.width) floats.
class LevelRows final : public PixelRows {
  public:
    LevelRows(const Source& source, LevelSize level, AxisWeights& rows, AxisWeights& columns,
              float* lines);
    void read(int first, int count, std::ptrdiff_t pitch, float* out) override;

  private:
    Source source_;
    LevelSize level_;
    AxisWeights &rows_, &columns_;
    float* lines_;
};

}  // namespace mtcnn
