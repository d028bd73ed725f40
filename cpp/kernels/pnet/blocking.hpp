// Sizes of the pieces of P-Net's Winograd convolutions, which fit the registers and the L1 cache.
#pragma once
#include "kernels/vector.hpp"
#include "simd/pnet.hpp"
#include "simd/winograd.hpp"

#if defined(__NO_SIGNED_ZEROS__)
#error "P-Net's kernels need signed zeros, see kernels/CMakeLists.txt"
#endif

namespace mtcnn::simd::MTCNN_ISA {

// Points of F(4, 3), down the columns, and of F(2, 3), along the rows.
constexpr int kRowPoints = kF43.kPoints, kColumnPoints = kF23.kPoints;
constexpr int kPoints = kRowPoints * kColumnPoints;

// Output channels, and vectors of tiles, whose sums are in registers at a time. More vectors share
// each load of a weight, but the transformed input of two long ones outgrows the 32 KB of a small
// L1 cache, which costs more than it gains.
constexpr int kChannelBlock = kRegisters == 32 ? 8 : 4;
constexpr int kTileVectors = kLanes == 16 ? 1 : 2;

constexpr int kMostInputs = 16, kMostOutputs = 32;

// Returns the values from a point to the next. Points lie one vector further apart than they must:
// otherwise they share a few sets of L1.
constexpr int point_size(int channels, int vectors) { return (channels * vectors + 1) * kLanes; }

constexpr std::size_t kPointsSize = kPoints * point_size(kMostInputs, kTileVectors);
constexpr std::size_t kProductsSize = kPoints * point_size(kChannelBlock, kTileVectors);
constexpr std::size_t kFeaturePitch = kTileVectors * kLanes;
constexpr std::size_t kFeatureRow = kMostOutputs * kPhases * kFeaturePitch;
constexpr std::size_t kScratch = kPointsSize + kProductsSize + kStripRows * kFeatureRow;

}  // namespace mtcnn::simd::MTCNN_ISA
