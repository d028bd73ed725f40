// How the Winograd convolutions are cut into pieces that fit the registers and L1.
#pragma once
#include "simd/pnet.hpp"
#include "kernels/vector.hpp"

namespace mtcnn::simd::MTCNN_ISA {

constexpr int kRowPoints = 6, kColumnPoints = 4;  // of F(4, 3) and F(2, 3)
constexpr int kPoints = kRowPoints * kColumnPoints;

// Output channels and vectors of tiles whose sums are in registers at a time. There is room for a
// third vector, but then the transformed input outgrows L1, which costs more than it gains.
constexpr int kChannelBlock = kRegisters == 32 ? 8 : 4;
constexpr int kTileVectors = 2;

constexpr int kMostInputs = 16, kMostOutputs = 32;

// Points lie one vector further apart than need be: otherwise they share a few sets of L1.
constexpr int point_size(int channels, int vectors) { return (channels * vectors + 1) * kLanes; }

constexpr std::size_t kPointsSize = kPoints * point_size(kMostInputs, kTileVectors);
constexpr std::size_t kProductsSize = kPoints * point_size(kChannelBlock, kTileVectors);
constexpr std::size_t kFeaturePitch = kTileVectors * kLanes;
constexpr std::size_t kFeatureRow = kMostOutputs * kPhases * kFeaturePitch;
constexpr std::size_t kScratch = kPointsSize + kProductsSize + kStripRows * kFeatureRow;

}  // namespace mtcnn::simd::MTCNN_ISA
