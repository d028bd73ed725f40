// A layer of R-Net or O-Net as the kernels read it. Images are (height, width, channel), and the
// channels lie in the vector lanes, so that one crop fills them as well as many.
#pragma once
#include <cstddef>

#include "simd/winograd.hpp"

namespace mtcnn::simd {

// Output channels that are computed together, for every instruction set. A layer has whole panels;
// the channels that it lacks are 0.
constexpr int kPanel = 16;

// Return the number of whole panels that have room for some channels, and the channels in them.
static constexpr int panels(int channels) { return (channels + kPanel - 1) / kPanel; }
static constexpr int padded(int channels) { return panels(channels) * kPanel; }

// The weights of a panel's channels lie together, for each input of each product: a Winograd
// convolution has several products.
struct Layer {
    int inputs, panels;
    const float* weights;  // (panels, products, inputs, kPanel)
    const float* bias;     // (panels, kPanel)
    const float* bends;    // (panels, kPanel): the PReLU's slopes less 1; 0 if none follows

    [[gnu::always_inline]] int channels() const { return panels * kPanel; }
};

// A crop's first convolution is F(6, 3) down the columns: 8 products for a strip of 6 rows.
constexpr int kCropStripRows = kF63.kOutputs, kCropStripProducts = kF63.kPoints;
constexpr int kColumnProducts = 32 * kPanel;  // most floats of a product that are kept at a time
constexpr int kMaximaRows = 4;                // rows of vertical maxima that a strip has a part in

// The other convolutions are F(n x n, 3 x 3) or F(3 x 3, 2 x 2) on square tiles, the last of which
// overlap. Returns the n with which a map takes the fewest products: 5 for R-Net's map of 9 x 9
// pixels, which are 2 x 2 tiles of 7 x 7 products each, 6 and 4 for O-Net's of 21 and 8.
static constexpr int tile_side(int map_side, int taps) {
    if (taps == 2) return 3;
    const auto products = [=](int tile) { return (map_side + tile - 1) / tile * (tile + 2); };
    int best = 4;
    for (int tile = 5; tile <= 6; ++tile)
        if (tile <= map_side && products(tile) < products(best)) best = tile;
    return best;
}
static_assert(tile_side(9, 3) == 5 && tile_side(21, 3) == 6 && tile_side(8, 3) == 4);
static constexpr int tile_products(int tile, int taps) {
    return (tile + taps - 1) * (tile + taps - 1);
}
constexpr int kTiles = 18;      // most tiles at a time
constexpr int kTilePanels = 3;  // most panels at a time

// Return the floats of scratch that the convolutions need.
static constexpr std::size_t crop_scratch(int side, int panels) {
    const std::size_t columns = side - 2;
    return kCropStripProducts * (3 * side + kColumnProducts) +
           kMaximaRows * columns * panels * kPanel;
}

static constexpr std::size_t tile_scratch(int map_side, int taps, int inputs) {
    const std::size_t products = tile_products(tile_side(map_side, taps), taps);
    return kTiles * products * (padded(inputs) + kTilePanels * kPanel);
}

}  // namespace mtcnn::simd
