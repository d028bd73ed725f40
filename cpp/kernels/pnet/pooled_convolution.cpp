// P-Net's first layer in floats, from pixels to pooled features.
#include "kernels/pnet/pooled_tiles.hpp"
#include "kernels/table.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

typedef Vector Column[kStripRows];  // a column of the convolution, in a tile

// Returns the maximum of PReLU(x) over a window. PReLU rises on both sides of 0, or falls on the
// left one: the maximum is at the largest x, or at the smallest.
inline Vector pooled_prelu(Vector a, Vector b, Vector c, Vector d, float slope) {
    const Vector largest = prelu(maximum(maximum(a, b), maximum(c, d)), slope);
    if (slope >= 0) return largest;
    return maximum(largest, prelu(minimum(minimum(a, b), minimum(c, d)), slope));
}

// Computes a column: A^T m.
inline void transform_output(const float* products, Column& column) {
    Vector m[kRowPoints];
    for (int p = 0; p < kRowPoints; ++p) m[p] = load<Vector>(products + p * kProductSize);
    transform_outputs(m, column);
}

// Computes the two pooled rows of a channel.
template <bool kEdge>
inline void pool_channel(const float* products, float slope, const PoolingEdge& edge, int tile,
                         std::ptrdiff_t pitch, float* const* out, std::ptrdiff_t to) {
#pragma GCC unroll 2
    for (int phase = 0; phase < kPhases; ++phase, to += pitch, products += 2 * kLanes) {
        Column left, right;
        transform_output(products, left);
        transform_output(products + kLanes, right);
        if constexpr (kEdge) extend(edge, over_edge(edge, tile, 2 * phase + 1), left, right);
        store(out[0] + to, pooled_prelu(left[0], right[0], left[1], right[1], slope));
        store(out[1] + to, pooled_prelu(left[2], right[2], left[3], right[3], slope));
    }
}

// Computes a vector of tiles. kEdge: some of them may hang over the edge.
template <bool kEdge>
void pool_tiles(const PackedConvolution& layer, const InputRows& in, const PoolingEdge& edge,
                int tile, float* scratch, float* const* out) {
    float *const points = scratch, *const products = scratch + kRowPoints * kPointSize;
    const auto pixels = [&](int y, std::ptrdiff_t from) {
        return load<Vector>(in.row[y] + from + tile);
    };
    const auto add = [](Vector& sum, float weight, Vector value) { sum += weight * value; };
    transform_pixels<Vector>(in.pitch, pixels, points);
    const float* kernel = layer.kernel;
    for (int first = 0; first < layer.outputs; first += kPoolBlock) {
        const auto start = [&](int c) { return Vector{} + layer.bias[first + c]; };
        multiply_pixels<Vector>(points, kernel, start, add, products);
        kernel += kRowPoints * kChannels * kPoolBlock * kTaps;
        for (int c = 0; c < kPoolBlock; ++c)
            pool_channel<kEdge>(products + c * kColumns * kLanes, layer.slopes[first + c], edge,
                                tile, in.pitch, out, (first + c) * kPhases * in.pitch + tile);
    }
}

}  // namespace

void pool(const PackedConvolution& layer, const InputRows& in, const PoolingEdge& edge, int tiles,
          float* scratch, float* const* out) {
    int tile = 0;
    if (edge.rows == kStripRows)
        for (; tile + kLanes < tiles; tile += kLanes)
            pool_tiles<false>(layer, in, edge, tile, scratch, out);
    for (; tile < tiles; tile += kLanes) pool_tiles<true>(layer, in, edge, tile, scratch, out);
}

}  // namespace mtcnn::simd::MTCNN_ISA
