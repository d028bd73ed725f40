// P-Net's layers in the kernels' order, in floats or in integers. Both have the same functions, on
// values of one type or the other, in the layout of simd/pnet.hpp. simd::PNetKernels describes the
// functions and their scratch.
#pragma once
#include <array>

#include "core/networks/face_bound.hpp"
#include "core/networks/layers.hpp"
#include "core/networks/packing.hpp"
#include "core/networks/quantization.hpp"
#include "simd/pnet.hpp"

namespace mtcnn {

using PNetConvolutions = std::array<Convolution, 4>;

class FloatLayers {
  public:
    using Value = float;
    static constexpr int kChannels = 1;  // in a value

    FloatLayers(PNetConvolutions layers, const SumMeans* means);

    void pool(const simd::InputRows& in, const simd::PoolingEdge& edge, int tiles, float* scratch,
              float* const* out) const;
    void convolve(const simd::InputRows& in, int tiles, float* scratch, float* const* out) const;
    void cells(const simd::InputRows& in, const simd::CellArea& area, float least, float* scratch,
               const simd::CellRows& out) const;

  private:
    FloatLayers(PNetConvolutions layers, const SumMeans* means, Arena arena);

    const simd::PNetKernels& kernels_;
    PNetConvolutions layers_;
    FaceBound bound_;
    PackedLayer single_, single_head_;  // for single cells, as in simd::CellLayers
};

class IntegerLayers {
  public:
    using Value = simd::Pair;
    static constexpr int kChannels = 2;  // in a value

    // limits: those of the features after the first and the second layer.
    IntegerLayers(const PNetConvolutions& layers, const std::array<Limits, 2>& limits);

    void pool(const simd::InputRows& in, const simd::PoolingEdge& edge, int tiles, float* scratch,
              simd::Pair* const* out) const;
    void convolve(const simd::PairRows& in, int tiles, float* scratch,
                  simd::Pair* const* out) const;
    void cells(const simd::PairRows& in, const simd::CellArea& area, float least, float* scratch,
               const simd::CellRows& out) const;

  private:
    const simd::PNetKernels& kernels_;
    QuantizedConvolution first_, second_, third_;
    QuantizedHead head_;
};

}  // namespace mtcnn
