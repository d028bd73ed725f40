// P-Net's kernels: the rows that they take and give, and the layout of a row in memory.
//
// The channels of a row lie one after the other. In each, the columns are split by phase, that is
// by x modulo the number of phases, so that the lanes of a vector are neighboring tiles of the
// output and nothing needs a shuffle. With two phases:
//
//   channel 0, phase 0   columns 0 2 4 6 ...   `pitch` floats
//   channel 0, phase 1   columns 1 3 5 7 ...
//   channel 1, phase 0   ...
//
// Pixels have four phases, as many as a tile of the first convolution has columns. The pooled
// features and the later ones have two. In both cases a tile needs its own columns and the first
// ones of the next tile: a pitch has room for one tile more than whole vectors of them.
//
// In integers, a value is a Pair: the features of two neighboring channels, which one instruction
// multiplies and adds. So there are half as many channels; the rest of the layout is the same.
#pragma once
#include <cstddef>
#include <cstdint>

#include "simd/layer.hpp"
#include "simd/winograd.hpp"

namespace mtcnn::simd {

constexpr int kPixelPhases = 4;
constexpr int kPhases = 2;
constexpr int kStripRows = kF43.kOutputs;  // that a convolution gives at a time
constexpr int kInputRows = kF43.kPoints;   // that it needs for them
constexpr int kPooledRows = kStripRows / 2;
// Output channels of the first convolution whose weights lie together.
constexpr int kPoolBlock = 2;
// In integers, the weights of F(4, 3)'s last point are divided by this, so that they are not much
// larger than those of the other points, and its products are multiplied by it.
constexpr int kLastPointShare = 4;
// In integers, a pixel x is (x - kPixelOrigin) * kPixelUnits: ten times as much, the most that
// F(4, 3) makes of it, is within 16 bits.
constexpr int kPixelOrigin = 128, kPixelUnits = 25;
constexpr int kPooledChannels = 10, kFeatureChannels = 16;  // after the first and second layer
constexpr int kCellValues = 5;                              // the face logit and the regression

// A convolution in floats. The kernel is transformed and reordered (core/networks/winograd.hpp),
// the rest is as in the model.
struct PackedConvolution {
    int outputs, inputs;
    const float *kernel, *bias, *slopes;
};

// The features, or the weights, of two neighboring channels.
struct Pair {
    std::int16_t even, odd;
};

// A convolution in integers, in the units of core/networks/quantization.hpp. The transformed kernel
// holds Pairs of inputs; in the first layer's Pairs, both members are the same weight.
struct IntegerConvolution {
    int outputs;
    const Pair* kernel;
    const std::int32_t* bias;
    const Pair *rise, *fall;  // the PReLU's slopes above and below 0, with the change of units
    const Pair *low, *high;   // the limits that clip the PReLU's result
};

// P-Net's heads in integers: the kernel (values, inputs / 2) of a 1 x 1 convolution. A value is
// scale times a sum, plus bias.
struct IntegerHead {
    int inputs;
    const Pair* kernel;
    const float *scale, *bias;
};

// The input rows of a strip, with `pitch` values from a phase to the next.
template <typename Value>
struct Rows {
    const Value* row[kInputRows];
    std::ptrdiff_t pitch;
};
using InputRows = Rows<float>;
using PairRows = Rows<Pair>;

// The end of the convolution before the pooling, whose last window hangs over the edge.
struct PoolingEdge {
    int rows;     // that exist of the strip's kStripRows
    int columns;  // that exist in the level
};

// The cells of a strip: value v of cell (y, x) is at [v * plane + y * row + x]. A row has room for
// whole vectors of tiles.
struct CellRows {
    float* values;
    std::ptrdiff_t plane, row;
};

// P-Net's third layer and its heads, in floats.
struct CellLayers {
    PackedConvolution layer, head;
    // An upper bound of the face logit (core/networks/face_bound.hpp); no outputs: there is none.
    PackedConvolution bound, bound_head;
    // The layer over (3, 3, inputs), and the heads, for a single cell.
    Layer single, single_head;
};

// The number of rows and columns of a strip's cells that exist.
struct CellArea {
    int rows, columns;
};

struct PNetKernels {
    int channel_block;    // output channels whose weights lie together
    std::size_t scratch;  // floats, or Pairs, that the kernels need
    // Fills kPooledRows rows of `tiles` tiles: 3 x 3 convolution of pixels, PReLU, 2 x 2 max
    // pooling.
    void (*pool)(const PackedConvolution& layer, const InputRows& in, const PoolingEdge& edge,
                 int tiles, float* scratch, float* const* out);
    // Fills kStripRows rows of `tiles` tiles: 3 x 3 convolution, PReLU.
    void (*convolve)(const PackedConvolution& layer, const InputRows& in, int tiles, float* scratch,
                     float* const* out);
    // Fills kStripRows rows of cells: 3 x 3 convolution, PReLU, 1 x 1 convolution. A cell whose
    // face logit is below `least` gets a number from the logit to `least`, and may get no
    // regression.
    void (*cells)(const CellLayers& layers, const InputRows& in, const CellArea& area, float least,
                  float* scratch, const CellRows& out);

    // Do the same in integers; the first one takes pixels in floats.
    void (*pool_pairs)(const IntegerConvolution& layer, const InputRows& in,
                       const PoolingEdge& edge, int tiles, Pair* scratch, Pair* const* out);
    void (*convolve_pairs)(const IntegerConvolution& layer, const PairRows& in, int tiles,
                           Pair* scratch, Pair* const* out);
    void (*cells_of_pairs)(const IntegerConvolution& layer, const IntegerHead& head,
                           const PairRows& in, int tiles, float least, Pair* scratch,
                           const CellRows& out);
};

}  // namespace mtcnn::simd
