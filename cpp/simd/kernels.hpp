// What is compiled once an instruction set. Sources that are (all of cpp/simd/ but dispatch.cpp)
// include no standard library templates: the linker would keep one copy of such a function for all
// sets.
#pragma once
#include <cstddef>

#include "core/box.hpp"
#include "core/image.hpp"
#include "simd/layer.hpp"

namespace mtcnn::simd {

// The source pixels of one output pixel along an axis: [first, first + count), weights[offset...].
struct Span {
    int first, count, offset;
};

struct Axis {
    int size;
    const Span* spans;
    const float* weights;
};

// Floats of scratch that resample needs: a row of interleaved pixels, read four at a time.
constexpr std::size_t line_size(int width) { return 3 * static_cast<std::size_t>(width) + 1; }

// Boxes side by side, so that vectors compare them; unused places hold a box that overlaps nothing.
struct alignas(64) BoxBlock {
    static constexpr int kSize = 16;
    float x1[kSize], y1[kSize], x2[kSize], y2[kSize], area[kSize];
};

struct Kernels {
    const char* isa;
    // out (3, rows, columns) planar RGB = the weighted sums along both axes; line:
    // line_size(width).
    void (*resample)(const ImageView& image, Axis rows, Axis columns, float* line, float* out);
    // Whether a box of the block has an intersection with `box` above `threshold` times their
    // union, or the smaller of their areas.
    bool (*overlaps)(const BoxBlock& block, const Box& box, float threshold, Overlap over);

    // The layers of R-Net and O-Net; a layer's bias and PReLU come with it.
    // A crop (3, side, side), of an even side, convolved 3 x 3 and pooled 3 x 3, two pixels apart
    // -> (side / 2 - 1, side / 2 - 1, channels). scratch: crop_scratch(side, panels).
    void (*convolve_crop)(const float* crop, int side, const Layer& layer, float* scratch,
                          float* out);
    // Images (count, side, side, inputs) convolved 3 x 3 -> (count, side - 2, side - 2, channels).
    // scratch: tile_scratch(side - 2, inputs).
    void (*convolve)(const float* images, int count, int side, const Layer& layer, float* scratch,
                     float* out);
    // Images (count, side, side, channels) -> the maxima of their windows of 2 or 3 pixels, two
    // apart, the last of which end at the edge.
    void (*max_pool)(const float* images, int count, int side, int channels, int window,
                     float* out);
    // (rows, inputs) -> (rows, channels).
    void (*dense)(const float* in, int rows, const Layer& layer, float* out);
};

}  // namespace mtcnn::simd
