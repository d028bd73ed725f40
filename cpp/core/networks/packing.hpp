// Weights in the order in which the kernels read them (simd/layer.hpp).
#pragma once
#include <memory>
#include <vector>

#include "core/arena.hpp"
#include "core/networks/layers.hpp"
#include "simd/layer.hpp"

namespace mtcnn {

// Owns the weights of a simd::Layer.
struct PackedLayer {
    int inputs, panels;
    std::shared_ptr<const float> weights;
    std::vector<float> bias, bends;

    int channels() const { return panels * simd::kPanel; }
    simd::Layer view() const { return {inputs, panels, weights.get(), bias.data(), bends.data()}; }
};

// The weights of the packed layers are in memory of the arena.

// Packs a 3 x 3 convolution of a crop's three planes, for simd::Kernels::convolve_crop.
PackedLayer pack_crop(const Convolution& layer, Arena& arena);

// Packs a convolution whose output has map_side x map_side pixels, for simd::Kernels::convolve.
PackedLayer pack_tiles(const Convolution& layer, int map_side, Arena& arena);

// Packs a dense layer over images that are (pixels, channels); the layer has (channels, pixels).
PackedLayer pack_dense(const Dense& layer, int pixels, Arena& arena);

}  // namespace mtcnn
