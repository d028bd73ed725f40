// P-Net's layers in the kernels' order, in floats or in integers: the same functions on values of
// the one type or the other, laid out as simd/pnet.hpp says.
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

    // simd::PNetKernels describes these, and the scratch.
    void pool(const simd::InputRows& in, const simd::PoolingEdge& edge, int tiles, float* scratch,
              float* const* out) const;
    void convolve(const simd::InputRows& in, int tiles, float* scratch, float* const* out) const;
    void cells(const simd::InputRows& in, const simd::CellArea& area, float least, float* scratch,
               const simd::CellRows& out) const;

  private:
    const simd::PNetKernels& kernels_;
    PNetConvolutions layers_;
    FaceBound bound_;
    PackedLayer single_, single_head_;  // as in simd::CellLayers
};

class IntegerLayers {
  public:
    using Value = simd::Pair;
    static constexpr int kChannels = 2;

    // limits: of the features after the first and the second layer.
    IntegerLayers(const PNetConvolutions& layers, const std::array<Limits, 2>& limits);

    void pool(const simd::InputRows& in, const simd::PoolingEdge& edge, int tiles, float* scratch,
              simd::Pair* const* out) const;
    void convolve(const simd::PairRows& in, int tiles, float* scratch,
                  simd::Pair* const* out) const;
    void cells(const simd::PairRows& in, const simd::CellArea& area, float least, float* scratch,
               const simd::CellRows& out) const;

  private:
    const simd::PNetKernels& kernels_;
    QuantisedConvolution first_, second_, third_;
    QuantisedHead head_;
};

}  // namespace mtcnn
