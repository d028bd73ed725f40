// P-Net's kernels: which rows they take and give, and how a row lies in memory.
//
// The channels of a row lie one after the other. In each, the columns are split by phase, that is
// by x modulo the number of phases, so that the lanes of a vector are neighbouring tiles of the
// output and nothing needs a shuffle. With two phases:
//
//   channel 0, phase 0   columns 0 2 4 6 ...   `pitch` floats
//   channel 0, phase 1   columns 1 3 5 7 ...
//   channel 1, phase 0   ...
//
// Pixels have four phases, as many as a tile of the first convolution has columns; what it pools
// and the later features have two. Whatever the phases, a tile needs the columns of its own and the
// first ones of the next: a pitch has room for one tile more than whole vectors of them.
//
// In integers, a value is a Pair: the features of two neighbouring channels, which one instruction
// multiplies and adds. So there are half as many channels, and all else lies as above.
#pragma once
#include <cstddef>
#include <cstdint>

#include "simd/layer.hpp"

namespace mtcnn::simd {

constexpr int kPixelPhases = 4;
constexpr int kPhases = 2;
constexpr int kStripRows = 4;  // that a Winograd convolution gives at a time: F(4, 3)
constexpr int kInputRows = 6;  // that it needs for them
constexpr int kPooledRows = kStripRows / 2;
constexpr int kPoolBlock =
    2;  // output channels of the first convolution whose weights lie together
// In integers, the weights of F(4, 3)'s last point are divided by this, so that they are not much
// larger than those of the others; its products are multiplied by it.
constexpr int kLastPointShare = 4;
// A pixel is (x - kPixelOrigin) * kPixelUnits: ten times as much, the most that F(4, 3) makes of
// it, is within 16 bits.
constexpr int kPixelOrigin = 128, kPixelUnits = 25;
constexpr int kPooledChannels = 10, kFeatureChannels = 16;  // after the first and second layer
constexpr int kCellValues = 5;                              // the face logit and the regression

// The kernel is transformed and reordered (core/networks/winograd.hpp), the rest as in the model.
struct PackedConvolution {
    int outputs, inputs;
    const float *kernel, *bias, *slopes;
};

struct Pair {
    std::int16_t even, odd;
};

// In the units of core/networks/quantization.hpp. The transformed kernel holds Pairs of inputs; of
// the first layer's, both members are the one weight.
struct IntegerConvolution {
    int outputs;
    const Pair* kernel;
    const std::int32_t* bias;
    const Pair *rise, *fall;  // the PReLU's slopes above and below 0, with the change of units
    const Pair *low, *high;   // what its result is clipped to
};

// The kernel (values, inputs / 2) of a 1 x 1 convolution; a value is scale times a sum, plus bias.
struct IntegerHead {
    int inputs;
    const Pair* kernel;
    const float *scale, *bias;
};

template <typename Value>
struct Rows {
    const Value* row[kInputRows];
    std::ptrdiff_t pitch;
};
using InputRows = Rows<float>;
using PairRows = Rows<Pair>;

// Where the convolution before the pooling ends: its last window hangs over the edge.
struct PoolingEdge {
    int rows;     // of the kStripRows ones
    int columns;  // of the whole level
};

// Columns lie side by side: value v of cell (y, x) is at [v * plane + y * row + x]. A row has room
// for whole vectors of tiles.
struct CellRows {
    float* values;
    std::ptrdiff_t plane, row;
};

// P-Net's third layer and its heads, in floats.
struct CellLayers {
    PackedConvolution layer, head;
    // An upper bound of the face logit; no outputs: there is none.
    PackedConvolution bound, bound_head;
    // Of one cell: the layer over (3, 3, inputs), and the heads.
    Layer single, single_head;
};

// Which cells of a strip exist.
struct CellArea {
    int rows, columns;
};

struct PNetKernels {
    int channel_block;    // output channels whose weights lie together
    std::size_t scratch;  // floats, or Pairs
    // 3 x 3 convolution of pixels, PReLU, 2 x 2 max pooling: kPooledRows rows of `tiles` tiles.
    void (*pool)(const PackedConvolution& layer, const InputRows& in, const PoolingEdge& edge,
                 int tiles, float* scratch, float* const* out);
    // 3 x 3 convolution, PReLU: kStripRows rows.
    void (*convolve)(const PackedConvolution& layer, const InputRows& in, int tiles, float* scratch,
                     float* const* out);
    // 3 x 3 convolution, PReLU, 1 x 1 convolution: kStripRows rows of cells. Where the face logit
    // is below `least`, what is there is a number from the logit to `least`, and maybe no
    // regression.
    void (*cells)(const CellLayers& layers, const InputRows& in, const CellArea& area, float least,
                  float* scratch, const CellRows& out);

    // The same in integers, from pixels in floats.
    void (*pool_pairs)(const IntegerConvolution& layer, const InputRows& in,
                       const PoolingEdge& edge, int tiles, Pair* scratch, Pair* const* out);
    void (*convolve_pairs)(const IntegerConvolution& layer, const PairRows& in, int tiles,
                           Pair* scratch, Pair* const* out);
    void (*cells_of_pairs)(const IntegerConvolution& layer, const IntegerHead& head,
                           const PairRows& in, int tiles, float least, Pair* scratch,
                           const CellRows& out);
};

}  // namespace mtcnn::simd
