// What is compiled once an instruction set. Sources that are (all of cpp/simd/ but dispatch.cpp)
// include no standard library templates: the linker would keep one copy of such a function for all
// sets.
#pragma once
#include <cstddef>

#include "base/box.hpp"
#include "base/image.hpp"
#include "simd/layer.hpp"
#include "simd/pnet.hpp"

namespace mtcnn::simd {

// The source pixels of one output pixel along an axis: [first, first + count), weights[offset...].
// Those between the first and the last are covered wholly: they have the same weight.
struct Span {
    int first, count, offset;
};

struct Axis {
    int size;
    const Span* spans;
    const float* weights;
};

// Floats of scratch that resample needs: rows of interleaved pixels, each of which is read with one
// float more.
constexpr int kLinesAtOnce = 4;
constexpr std::size_t lines_size(int width) {
    return kLinesAtOnce * (3 * static_cast<std::size_t>(width) + 1);
}

// Planar RGB of any strides, in floats. Columns may be split by phase (simd/pnet.hpp): column x is
// at [x % phases * phase + x / phases].
struct PlanarLayout {
    std::ptrdiff_t channel, row;
    int phases;
    std::ptrdiff_t phase;
};

// Boxes side by side, so that vectors compare them; unused places hold a box that overlaps nothing.
struct alignas(64) BoxBlock {
    static constexpr int kSize = 16;
    float x1[kSize], y1[kSize], x2[kSize], y2[kSize], area[kSize];
};

struct Kernels {
    const char* isa;
    // out = the weighted sums along both axes; lines: lines_size(width).
    void (*resample)(const ImageView& image, Axis rows, Axis columns, float* lines,
                     const PlanarLayout& layout, float* out);
    // A row of `width` / 2 pixels, rounded up, from two: the means of 2 x 2 pixels, those of a last
    // odd column of 1 x 2.
    void (*halve)(const std::uint8_t* top, const std::uint8_t* bottom, int width,
                  std::uint8_t* out);
    // Whether a box of the block has an intersection with `box` above `threshold` times their
    // union, or the smaller of their areas.
    bool (*overlaps)(const BoxBlock& block, const Box& box, float threshold, Overlap over);

    // The layers of R-Net and O-Net; a layer's bias and PReLU come with it.
    // A crop (3, side, side), of an even side, convolved 3 x 3 and pooled 3 x 3, two pixels apart
    // -> (side / 2 - 1, side / 2 - 1, channels). scratch: crop_scratch(side, panels).
    void (*convolve_crop)(const float* crop, int side, const Layer& layer, float* scratch,
                          float* out);
    // Images (count, side, side, inputs) convolved taps x taps, which is 2 x 2 or 3 x 3 -> (count,
    // map, map, channels), map = side - taps + 1. scratch: tile_scratch(map, taps, inputs).
    void (*convolve)(const float* images, int count, int side, int taps, const Layer& layer,
                     float* scratch, float* out);
    // Images (count, side, side, channels) -> the maxima of their windows of 2 or 3 pixels, two
    // apart, the last of which end at the edge.
    void (*max_pool)(const float* images, int count, int side, int channels, int window,
                     float* out);
    // (rows, inputs) -> (rows, channels).
    void (*dense)(const float* in, int rows, const Layer& layer, float* out);
    PNetKernels pnet;
};

}  // namespace mtcnn::simd
