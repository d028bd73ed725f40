#include "simd/product.hpp"
#include "simd/table.hpp"
#include "simd/winograd.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

// Where the tiles of a row of square images lie; the last ones of an image overlap their
// neighbours instead of hanging over the edge.
struct Tiling {
    int side, per_row;

    explicit Tiling(int side) : side(side), per_row((side + kTileSide - 1) / kTileSide) {}

    int per_image() const { return per_row * per_row; }
    int position(int i) const { return minimum(i * kTileSide, side - kTileSide); }

    // Of the tile's first pixel, in images of `image_side`.
    std::ptrdiff_t pixel(int tile, int image_side) const {
        const int image = tile / per_image(), in_image = tile % per_image();
        const int y = position(in_image / per_row), x = position(in_image % per_row);
        return (std::ptrdiff_t{image} * image_side + y) * image_side + x;
    }
};

// Five by five pixels -> their transform, (kTileProducts, tiles, channels).
void transform_tile(const float* pixels, int side, int channels, float* out,
                    std::ptrdiff_t product_stride) {
    for (int c = 0; c < channels; c += kLanes) {
        Vector rows[kTileReach][kTileReach];  // [x][y], transformed in the horizontal
#pragma GCC unroll 5
        for (int y = 0; y < kTileReach; ++y) {
            Vector d[kTileReach], t[kTileReach];
#pragma GCC unroll 5
            for (int x = 0; x < kTileReach; ++x)
                d[x] = load<Vector>(pixels + (y * side + x) * channels + c);
            transform_inputs(d, t);
#pragma GCC unroll 5
            for (int x = 0; x < kTileReach; ++x) rows[x][y] = t[x];
        }
#pragma GCC unroll 5
        for (int x = 0; x < kTileReach; ++x) {
            Vector t[kTileReach];
            transform_inputs(rows[x], t);
#pragma GCC unroll 5
            for (int y = 0; y < kTileReach; ++y)
                store(out + (y * kTileReach + x) * product_stride + c, t[y]);
        }
    }
}

// (kTileProducts, tiles, kPanel) = the transformed tiles times the panel's weights.
void multiply_tiles(const float* transformed, int tiles, int inputs, const float* weights,
                    float* products) {
    const int channels = padded(inputs);
    for (int p = 0; p < kTileProducts; ++p)
        for_parts(tiles, kBlockRows, [&](int first, int size) {
            with_constant<kBlockRows>(size, [&](auto block) {
                Vector sums[block.value][kPanelVectors] = {};
                multiply(transformed + (p * kTiles + first) * channels, channels, inputs,
                         weights + p * inputs * kPanel, 0, sums);
                for (int row = 0; row < block.value; ++row)
                    for (int v = 0; v < kPanelVectors; ++v)
                        store(products + (p * kTiles + first + row) * kPanel + v * kLanes,
                              sums[row][v]);
            });
        });
}

// Three by three pixels of a panel from a tile's products.
void finish_tile(const float* products, const float* bias, const float* bends, int side,
                 int channels, float* out) {
    for (int lane = 0; lane < kPanel; lane += kLanes) {
        Vector rows[kTileSide][kTileReach];  // [x][y], transformed in the horizontal
#pragma GCC unroll 5
        for (int y = 0; y < kTileReach; ++y) {
            Vector m[kTileReach], t[kTileSide];
#pragma GCC unroll 5
            for (int x = 0; x < kTileReach; ++x)
                m[x] = load<Vector>(products + (y * kTileReach + x) * kTiles * kPanel + lane);
            if (y == kConstantProduct) m[kConstantProduct] += load<Vector>(bias + lane);
            transform_outputs(m, t);
#pragma GCC unroll 3
            for (int x = 0; x < kTileSide; ++x) rows[x][y] = t[x];
        }
        const Vector bend = load<Vector>(bends + lane);
#pragma GCC unroll 3
        for (int x = 0; x < kTileSide; ++x) {
            Vector t[kTileSide];
            transform_outputs(rows[x], t);
#pragma GCC unroll 3
            for (int y = 0; y < kTileSide; ++y)
                store(out + (y * side + x) * channels + lane, prelu(t[y], bend));
        }
    }
}

}  // namespace

void convolve(const float* images, int count, int side, const Layer& layer, float* scratch,
              float* out) {
    const int inputs = padded(layer.inputs), outputs = layer.channels();
    const Tiling tiling(side - 2);
    float* transformed = scratch;
    float* products = transformed + std::ptrdiff_t{kTileProducts} * kTiles * inputs;

    for_parts(count * tiling.per_image(), kTiles, [&](int first, int size) {
        for (int i = 0; i < size; ++i)
            transform_tile(images + tiling.pixel(first + i, side) * inputs, side, inputs,
                           transformed + i * inputs, std::ptrdiff_t{kTiles} * inputs);
        for (int panel = 0; panel < layer.panels; ++panel) {
            multiply_tiles(
                transformed, size, layer.inputs,
                layer.weights + std::ptrdiff_t{panel} * kTileProducts * layer.inputs * kPanel,
                products);
            for (int i = 0; i < size; ++i)
                finish_tile(products + i * kPanel, layer.bias + panel * kPanel,
                            layer.bends + panel * kPanel, tiling.side, outputs,
                            out + tiling.pixel(first + i, tiling.side) * outputs + panel * kPanel);
        }
    });
}

}  // namespace mtcnn::simd::MTCNN_ISA
