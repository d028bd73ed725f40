// The convolutions of R-Net and O-Net but for the first: Winograd's filtering of square tiles.
#include "kernels/crop/flags.hpp"
#include "kernels/product.hpp"
#include "kernels/table.hpp"
#include "kernels/winograd.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

constexpr int kMostInputPanels = 4;
// Tiles at a time: with a panel at a time those of an image, 16 at most; with two, as many as share
// each load of a weight.
constexpr int kBlockTiles = kBlockPanels == 1 ? kTiles : block_rows(kBlockPanels);
static_assert(kBlockTiles <= kTiles);

// The tiles of square images that follow one another. The last tiles of an image overlap their
// neighbors instead of hanging over the edge.
template <int kTile>
struct Tiling {
    int side, per_row;

    explicit Tiling(int side) : side(side), per_row((side + kTile - 1) / kTile) {}

    int per_image() const { return per_row * per_row; }

    // Sets pixels to the index of the first pixel of tiles [first, first + size), in images of
    // `image_side`.
    void locate(int first, int size, int image_side, int* pixels) const {
        int image = first / per_image(), row = first % per_image() / per_row,
            column = first % per_row;
        for (int i = 0; i < size; ++i) {
            const int y = minimum(row * kTile, side - kTile),
                      x = minimum(column * kTile, side - kTile);
            pixels[i] = (image * image_side + y) * image_side + x;
            if (++column < per_row) continue;
            column = 0;
            if (++row < per_row) continue;
            row = 0;
            ++image;
        }
    }
};

// Transforms the pixels that a tile needs, and writes them to one tile of out (products,
// kBlockTiles, channels). The number of channels is known to the compiler, so that no address needs
// arithmetic.
template <int kReach, int kPanels>
void transform_tile(const float* pixels, int side, float* out) {
    constexpr int kChannels = kPanels * kPanel;
    constexpr std::ptrdiff_t kStride = std::ptrdiff_t{kBlockTiles} * kChannels;
    const std::ptrdiff_t row_size = std::ptrdiff_t{side} * kChannels;
    for (int c = 0; c < kChannels; c += kLanes) {
        Vector rows[kReach][kReach];  // [x][y], transformed along the rows
        const float* row = pixels + c;
#pragma GCC unroll 8
        for (int y = 0; y < kReach; ++y, row += row_size) {
            Vector d[kReach], t[kReach];
#pragma GCC unroll 8
            for (int x = 0; x < kReach; ++x) d[x] = load<Vector>(row + x * kChannels);
            transform_inputs(d, t);
#pragma GCC unroll 8
            for (int x = 0; x < kReach; ++x) rows[x][y] = t[x];
        }
#pragma GCC unroll 8
        for (int x = 0; x < kReach; ++x) {
            Vector t[kReach];
            transform_inputs(rows[x], t);
#pragma GCC unroll 8
            for (int y = 0; y < kReach; ++y) store(out + (y * kReach + x) * kStride + c, t[y]);
        }
    }
}

// Computes the products of kRows tiles and kPanels panels: (panels, kProducts, kBlockTiles,
// kPanel). Not inlined, so that it has all registers to itself.
template <int kProducts, int kPanels, int kRows>
[[gnu::noinline]] void multiply_tiles(const float* tiles, std::ptrdiff_t tile_size,
                                      const float* weights, int inputs, float* products) {
    const std::ptrdiff_t product_size = std::ptrdiff_t{kPanel} * inputs;
    for (int p = 0; p < kProducts; ++p) {
        Vector sums[kRows][kPanels * kPanelVectors];
        multiply({tiles, tile_size, weights, kProducts * product_size}, inputs, sums);
        store_sums(sums, products, kProducts * kBlockTiles * kPanel);
        tiles += kBlockTiles * tile_size;
        weights += product_size;
        products += kBlockTiles * kPanel;
    }
}

// Computes a tile of a panel from its products.
template <int kTile, int kTaps>
void finish_tile(const float* products, const float* bias, const float* bends, int side,
                 int channels, float* out) {
    constexpr int kReach = kTile + kTaps - 1;
    for (int lane = 0; lane < kPanel; lane += kLanes) {
        Vector rows[kTile][kReach];  // [x][y], transformed along the rows
#pragma GCC unroll 8
        for (int y = 0; y < kReach; ++y) {
            Vector m[kReach], t[kTile];
#pragma GCC unroll 8
            for (int x = 0; x < kReach; ++x)
                m[x] = load<Vector>(products + (y * kReach + x) * kBlockTiles * kPanel + lane);
            if (y == kBiasPoint) m[kBiasPoint] += load<Vector>(bias + lane);
            transform_outputs(m, t);
#pragma GCC unroll 6
            for (int x = 0; x < kTile; ++x) rows[x][y] = t[x];
        }
        const Vector bend = load<Vector>(bends + lane);
#pragma GCC unroll 6
        for (int x = 0; x < kTile; ++x) {
            Vector t[kTile];
            transform_outputs(rows[x], t);
#pragma GCC unroll 6
            for (int y = 0; y < kTile; ++y)
                store(out + (y * side + x) * channels + lane, prelu(t[y], bend));
        }
    }
}

// Some tiles, transformed: (products, kBlockTiles, inputs). pixels: where they are in the output.
struct Tiles {
    const float* values;
    int count, inputs;
    const int* pixels;
};

// Computes kPanels panels of some tiles, from `panel` on.
template <int kTile, int kTaps, int kPanels>
void convolve_panels(const Tiles& tiles, int side, const Layer& layer, int panel, float* products,
                     float* out) {
    constexpr int kProducts = tile_products(kTile, kTaps);
    const int channels = layer.channels();
    const float* weights =
        layer.weights + std::ptrdiff_t{panel} * kProducts * kPanel * layer.inputs;
    for_parts(tiles.count, block_rows(kPanels), [&](int first, int size) {
        with_constant<block_rows(kPanels)>(size, [&](auto rows) {
            multiply_tiles<kProducts, kPanels, rows.value>(tiles.values + first * tiles.inputs,
                                                           tiles.inputs, weights, layer.inputs,
                                                           products + first * kPanel);
        });
    });
    for (int i = 0; i < kPanels; ++i, products += kProducts * kBlockTiles * kPanel) {
        const int channel = (panel + i) * kPanel;
        for (int tile = 0; tile < tiles.count; ++tile)
            finish_tile<kTile, kTaps>(
                products + tile * kPanel, layer.bias + channel, layer.bends + channel, side,
                channels, out + std::ptrdiff_t{tiles.pixels[tile]} * channels + channel);
    }
}

template <int kTile, int kTaps>
void convolve_tiles(const float* images, int count, int side, const Layer& layer, float* scratch,
                    float* out) {
    constexpr int kProducts = tile_products(kTile, kTaps), kReach = kTile + kTaps - 1;
    const int inputs = padded(layer.inputs);
    const Tiling<kTile> tiling(side - kTaps + 1);
    float* transformed = scratch;
    float* products = transformed + std::ptrdiff_t{kProducts} * kBlockTiles * inputs;

    for_parts(count * tiling.per_image(), kBlockTiles, [&](int first, int size) {
        int pixels[kBlockTiles];
        tiling.locate(first, size, side, pixels);
        with_constant<kMostInputPanels>(panels(layer.inputs), [&](auto panels) {
            for (int i = 0; i < size; ++i)
                transform_tile<kReach, panels.value>(images + std::ptrdiff_t{pixels[i]} * inputs,
                                                     side, transformed + i * inputs);
        });
        tiling.locate(first, size, tiling.side, pixels);
        const Tiles tiles = {transformed, size, inputs, pixels};
        // Three panels at a time use the registers best where there is no rest.
        constexpr int kMostPanels = kBlockPanels == 1 ? 1 : kTilePanels;
        const int at_once = layer.panels % kMostPanels == 0 ? kMostPanels : kBlockPanels;
        for (int panel = 0; panel < layer.panels; panel += at_once)
            with_constant<kMostPanels>(minimum(at_once, layer.panels - panel), [&](auto panels) {
                convolve_panels<kTile, kTaps, panels.value>(tiles, tiling.side, layer, panel,
                                                            products, out);
            });
    });
}

}  // namespace

void convolve(const float* images, int count, int side, int taps, const Layer& layer,
              float* scratch, float* out) {
    if (taps == 2) return convolve_tiles<3, 2>(images, count, side, layer, scratch, out);
    const int tile = tile_side(side - 2, taps);
    const auto tiles = tile == 4   ? convolve_tiles<4, 3>
                       : tile == 5 ? convolve_tiles<5, 3>
                                   : convolve_tiles<6, 3>;
    tiles(images, count, side, layer, scratch, out);
}

}  // namespace mtcnn::simd::MTCNN_ISA
