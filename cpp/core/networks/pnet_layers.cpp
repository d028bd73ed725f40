#include "core/networks/pnet_layers.hpp"

#include <utility>

#include "core/networks/winograd.hpp"
#include "simd/dispatch.hpp"

namespace mtcnn {
namespace {

simd::PackedConvolution view(const Convolution& layer) {
    return {layer.outputs, layer.inputs, layer.kernel.data(), layer.bias.data(),
            layer.slopes.data()};
}

Dense as_dense(const Convolution& layer) {
    const int inputs = layer.inputs * layer.side * layer.side;
    return {layer.outputs, inputs, layer.kernel, layer.bias, layer.slopes};
}

simd::Pair* as_pairs(float* scratch) { return reinterpret_cast<simd::Pair*>(scratch); }

}  // namespace

FloatLayers::FloatLayers(PNetConvolutions layers, const SumMeans* means)
    : FloatLayers(std::move(layers), means, Arena()) {}

FloatLayers::FloatLayers(PNetConvolutions layers, const SumMeans* means, Arena arena)
    : kernels_(simd::kernels().pnet),
      layers_(std::move(layers)),
      bound_(face_bound(layers_[2], layers_[3], means)),
      single_(pack_dense(as_dense(layers_[2]), layers_[2].side * layers_[2].side, arena)),
      single_head_(pack_dense(as_dense(layers_[3]), 1, arena)) {
    layers_[0].kernel = kernel_down(layers_[0], simd::kPoolBlock);
    for (Convolution* layer : {&layers_[1], &layers_[2], &bound_.layer})
        layer->kernel = kernel_both(*layer, kernels_.channel_block);
}

void FloatLayers::pool(const simd::InputRows& in, const simd::PoolingEdge& edge, int tiles,
                       float* scratch, float* const* out) const {
    kernels_.pool(view(layers_[0]), in, edge, tiles, scratch, out);
}

void FloatLayers::convolve(const simd::InputRows& in, int tiles, float* scratch,
                           float* const* out) const {
    kernels_.convolve(view(layers_[1]), in, tiles, scratch, out);
}

void FloatLayers::cells(const simd::InputRows& in, const simd::CellArea& area, float least,
                        float* scratch, const simd::CellRows& out) const {
    const simd::CellLayers layers = {view(layers_[2]),  view(layers_[3]), view(bound_.layer),
                                     view(bound_.head), single_.view(),   single_head_.view()};
    kernels_.cells(layers, in, area, least, scratch, out);
}

IntegerLayers::IntegerLayers(const PNetConvolutions& layers, const std::array<Limits, 2>& limits)
    : kernels_(simd::kernels().pnet),
      first_(quantize_pooled(layers[0], simd::kPoolBlock, limits[0])),
      second_(quantize(layers[1], kernels_.channel_block, first_.features, &limits[1])),
      third_(quantize(layers[2], kernels_.channel_block, second_.features, nullptr)),
      head_(quantize_head(layers[3], third_.features)) {}

void IntegerLayers::pool(const simd::InputRows& in, const simd::PoolingEdge& edge, int tiles,
                         float* scratch, simd::Pair* const* out) const {
    kernels_.pool_pairs(first_.view(), in, edge, tiles, as_pairs(scratch), out);
}

void IntegerLayers::convolve(const simd::PairRows& in, int tiles, float* scratch,
                             simd::Pair* const* out) const {
    kernels_.convolve_pairs(second_.view(), in, tiles, as_pairs(scratch), out);
}

void IntegerLayers::cells(const simd::PairRows& in, const simd::CellArea& area, float least,
                          float* scratch, const simd::CellRows& out) const {
    const int tiles = (area.columns + simd::kPhases - 1) / simd::kPhases;
    kernels_.cells_of_pairs(third_.view(), head_.view(), in, tiles, least, as_pairs(scratch), out);
}

}  // namespace mtcnn
