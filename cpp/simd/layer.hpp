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
constexpr int panels(int channels) { return (channels + kPanel - 1) / kPanel; }
constexpr int padded(int channels) { return panels(channels) * kPanel; }

// The weights of a panel's channels lie together, for each input of each product: a Winograd
// convolution has several products.
struct Layer {
    int inputs, panels;
    const float* weights;  // (panels, products, inputs, kPanel)
    const float* bias;     // (panels, kPanel)
    const float* bends;    // (panels, kPanel): the PReLU's slopes less 1; 0 if none follows

    int channels() const { return panels * kPanel; }
};

// A crop's first convolution is F(4, 3) down the columns: 6 products for a strip of 4 rows.
constexpr int kCropStripRows = kF43.kOutputs, kCropStripProducts = kF43.kPoints;
constexpr int kColumnProducts = 32 * kPanel;  // most floats of a product that are kept at a time
constexpr int kMaximaRows = 3;                // rows of vertical maxima that a strip has a part in

// The other convolutions are F(3 x 3, 3 x 3), F(4 x 4, 3 x 3) or F(3 x 3, 2 x 2): 25 products for 9
// pixels, 36 for 16, 16 for 9. The sides of the networks' maps, 9, 21, 8 and 3, are whole tiles.
constexpr int tile_side(int map_side) { return map_side % 4 == 0 ? 4 : 3; }
constexpr int tile_products(int tile, int taps) { return (tile + taps - 1) * (tile + taps - 1); }
constexpr int kTiles = 18;      // most tiles at a time
constexpr int kTilePanels = 3;  // most panels at a time

// Return the floats of scratch that the convolutions need.
constexpr std::size_t crop_scratch(int side, int panels) {
    const std::size_t columns = side - 2;
    return kCropStripProducts * (3 * side + kColumnProducts) +
           kMaximaRows * columns * panels * kPanel;
}

constexpr std::size_t tile_scratch(int map_side, int taps, int inputs) {
    const std::size_t products = tile_products(tile_side(map_side), taps);
    return kTiles * products * (padded(inputs) + kTilePanels * kPanel);
}

}  // namespace mtcnn::simd
