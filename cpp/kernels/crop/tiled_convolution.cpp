// The convolutions of R-Net and O-Net but for the first: Winograd's filtering of square tiles.
#include "kernels/crop/flags.hpp"
#include "kernels/product.hpp"
#include "kernels/table.hpp"
#include "kernels/winograd.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

// The positions of the tiles of square images that follow one another. The last tiles of an image
// overlap their neighbors instead of hanging over the edge.
template <int kTile>
struct Tiling {
    int side, per_row;

    explicit Tiling(int side) : side(side), per_row((side + kTile - 1) / kTile) {}

    int per_image() const { return per_row * per_row; }
    int position(int i) const { return minimum(i * kTile, side - kTile); }

    // Returns the index of the tile's first pixel, in images of `image_side`.
    std::ptrdiff_t pixel(int tile, int image_side) const {
        const int image = tile / per_image(), in_image = tile % per_image();
        const int y = position(in_image / per_row), x = position(in_image % per_row);
        return (std::ptrdiff_t{image} * image_side + y) * image_side + x;
    }
};

// Transforms the pixels that a tile needs, and writes them to one tile of out (products, kTiles,
// channels).
template <int kReach>
void transform_tile(const float* pixels, int side, int channels, float* out) {
    const std::ptrdiff_t product_stride = std::ptrdiff_t{kTiles} * channels;
    for (int c = 0; c < channels; c += kLanes) {
        Vector rows[kReach][kReach];  // [x][y], transformed along the rows
#pragma GCC unroll 6
        for (int y = 0; y < kReach; ++y) {
            Vector d[kReach], t[kReach];
#pragma GCC unroll 6
            for (int x = 0; x < kReach; ++x)
                d[x] = load<Vector>(pixels + (y * side + x) * channels + c);
            transform_inputs(d, t);
#pragma GCC unroll 6
            for (int x = 0; x < kReach; ++x) rows[x][y] = t[x];
        }
#pragma GCC unroll 6
        for (int x = 0; x < kReach; ++x) {
            Vector t[kReach];
            transform_inputs(rows[x], t);
#pragma GCC unroll 6
            for (int y = 0; y < kReach; ++y)
                store(out + (y * kReach + x) * product_stride + c, t[y]);
        }
    }
}

// Computes one of the products, (tiles, kPanel): the transformed tiles times a panel's weights.
void multiply_tiles(const float* transformed, int tiles, int inputs, const float* weights,
                    float* products) {
    const int channels = padded(inputs);
    for_parts(tiles, kBlockRows, [&](int first, int size) {
        with_constant<kBlockRows>(size, [&](auto block) {
            Vector sums[block.value][kPanelVectors];
            multiply({transformed + first * channels, channels, weights, 0}, inputs, sums);
            for_sums(sums, [&](int row, int channel, Vector sum) {
                store(products + (first + row) * kPanel + channel, sum);
            });
        });
    });
}

// Computes a tile of a panel from its products.
template <int kTile, int kTaps>
void finish_tile(const float* products, const float* bias, const float* bends, int side,
                 int channels, float* out) {
    constexpr int kReach = kTile + kTaps - 1;
    for (int lane = 0; lane < kPanel; lane += kLanes) {
        Vector rows[kTile][kReach];  // [x][y], transformed along the rows
#pragma GCC unroll 6
        for (int y = 0; y < kReach; ++y) {
            Vector m[kReach], t[kTile];
#pragma GCC unroll 6
            for (int x = 0; x < kReach; ++x)
                m[x] = load<Vector>(products + (y * kReach + x) * kTiles * kPanel + lane);
            if (y == kBiasPoint) m[kBiasPoint] += load<Vector>(bias + lane);
            transform_outputs(m, t);
#pragma GCC unroll 4
            for (int x = 0; x < kTile; ++x) rows[x][y] = t[x];
        }
        const Vector bend = load<Vector>(bends + lane);
#pragma GCC unroll 4
        for (int x = 0; x < kTile; ++x) {
            Vector t[kTile];
            transform_outputs(rows[x], t);
#pragma GCC unroll 4
            for (int y = 0; y < kTile; ++y)
                store(out + (y * side + x) * channels + lane, prelu(t[y], bend));
        }
    }
}

template <int kTile, int kTaps>
void convolve_tiles(const float* images, int count, int side, const Layer& layer, float* scratch,
                    float* out) {
    constexpr int kProducts = tile_products(kTile, kTaps);
    const int inputs = padded(layer.inputs), outputs = layer.channels();
    const Tiling<kTile> tiling(side - kTaps + 1);
    float* transformed = scratch;
    float* products = transformed + std::ptrdiff_t{kProducts} * kTiles * inputs;

    for_parts(count * tiling.per_image(), kTiles, [&](int first, int size) {
        for (int i = 0; i < size; ++i)
            transform_tile<kTile + kTaps - 1>(images + tiling.pixel(first + i, side) * inputs, side,
                                              inputs, transformed + i * inputs);
        for (int panel = 0; panel < layer.panels; ++panel) {
            const int channel = panel * kPanel;
            const float* weights =
                layer.weights + std::ptrdiff_t{channel} * kProducts * layer.inputs;
            for (int p = 0; p < kProducts; ++p)
                multiply_tiles(transformed + p * kTiles * inputs, size, layer.inputs,
                               weights + p * layer.inputs * kPanel, products + p * kTiles * kPanel);
            for (int i = 0; i < size; ++i)
                finish_tile<kTile, kTaps>(
                    products + i * kPanel, layer.bias + channel, layer.bends + channel, tiling.side,
                    outputs, out + tiling.pixel(first + i, tiling.side) * outputs + channel);
        }
    });
}

}  // namespace

void convolve(const float* images, int count, int side, int taps, const Layer& layer,
              float* scratch, float* out) {
    if (taps == 2) return convolve_tiles<3, 2>(images, count, side, layer, scratch, out);
    const auto tiles = tile_side(side - 2) == 4 ? convolve_tiles<4, 3> : convolve_tiles<3, 3>;
    tiles(images, count, side, layer, scratch, out);
}

}  // namespace mtcnn::simd::MTCNN_ISA
