// The table of kernels that every instruction set has (cpp/kernels), with their layouts.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/box.hpp"
#include "base/image.hpp"
#include "simd/layer.hpp"
#include "simd/planes.hpp"
#include "simd/pnet.hpp"

namespace mtcnn::simd {

// The source pixels of one output pixel along an axis: [first, first + count), with the weights
// from weights[offset] on. Those between the first and the last are covered wholly, and so have the
// same weight.
struct Span {
    int first, count, offset;
};

// The output pixels along an axis.
struct Axis {
    int size;
    const Span* spans;
    const float* weights;
};

constexpr int kLinesAtOnce = 4;

// Returns the floats of scratch that resample needs for an image of this width: rows of interleaved
// pixels, each of which is read with one float more.
static constexpr std::size_t lines_size(int width) {
    return kLinesAtOnce * (3 * static_cast<std::size_t>(width) + 1);
}

// Planar RGB with any strides, in floats. Columns may be split by phase (simd/pnet.hpp): column x
// of a row is at [x % phases * phase + x / phases].
struct PlanarLayout {
    std::ptrdiff_t channel, row;
    int phases;
    std::ptrdiff_t phase;
};

// Boxes side by side, so that vectors compare them. Unused places hold a box that overlaps nothing.
struct alignas(64) BoxBlock {
    static constexpr int kSize = 16;
    float x1[kSize], y1[kSize], x2[kSize], y2[kSize], area[kSize];
};

struct Kernels {
    const char* isa;
    // Fills out, in the given layout, with the weighted sums along both axes. lines: scratch of
    // lines_size(image.width) floats.
    void (*resample)(const ImageView& image, Axis rows, Axis columns, float* lines,
                     const PlanarLayout& layout, float* out);
    // Fills out with a row of width / 2 pixels, rounded up, from two rows of `width` pixels: the
    // means of 2 x 2 pixels or, for the last column of an odd width, of 2 x 1.
    void (*halve)(const std::uint8_t* top, const std::uint8_t* bottom, int width,
                  std::uint8_t* out);
    // Returns true if a box of the block has an intersection with `box` above `threshold` times the
    // area of their union, or of the smaller of them.
    bool (*overlaps)(const BoxBlock& block, const Box& box, float threshold, Overlap over);

    // The layers of R-Net and O-Net; a layer's bias and PReLU are included.

    // Fills out (side / 2 - 1, side / 2 - 1, channels) from a crop (3, side, side) of an even side,
    // convolved 3 x 3 and pooled 3 x 3 with stride 2. scratch: crop_scratch(side, panels).
    void (*convolve_crop)(const float* crop, int side, const Layer& layer, float* scratch,
                          float* out);
    // Fills out (count, map, map, channels), map = side - taps + 1, from images (count, side, side,
    // inputs) convolved 2 x 2 or 3 x 3. scratch: tile_scratch(map, taps, inputs).
    void (*convolve)(const float* images, int count, int side, int taps, const Layer& layer,
                     float* scratch, float* out);
    // Fills out (count, pooled, pooled, channels), pooled = (side - window) / 2 + 1, from images
    // (count, side, side, channels): the maxima of windows of 2 x 2 or 3 x 3 pixels with stride 2,
    // the last of which end at the edge.
    void (*max_pool)(const float* images, int count, int side, int channels, int window,
                     float* out);
    // Fills out (rows, channels) from in (rows, inputs).
    void (*dense)(const float* in, int rows, const Layer& layer, float* out);
    PNetKernels pnet;

    // Fills out (width, 3), BGR, with a row of pixels.
    void (*planes_to_bgr)(const PlanarRow& row, const ColorMatrix& matrix, int width,
                          std::uint8_t* out);
    // Gives two rows of pixels the colors of two rows (width, 3), BGR. Values of pixels that have
    // these colors stay, and so does chroma where all of its pixels have; but not those that stand
    // for colors beyond 0 to 255.
    void (*bgr_to_planes)(const std::uint8_t* const (&bgr)[2], const ColorMatrix& matrix, int width,
                          const PlanarRowPair& rows);
};

}  // namespace mtcnn::simd
