// P-Net's third layer and the heads for single cells. The lanes are output channels.
#pragma once
#include "kernels/pnet/blocking.hpp"
#include "kernels/product.hpp"
#include "kernels/vector.hpp"
#include "simd/pnet.hpp"

namespace mtcnn::simd::MTCNN_ISA {

constexpr int kOutputVectors = kMostOutputs / kLanes;
constexpr int kSingleSums = 12;  // vectors at a time: with more, too few cells would share them
constexpr int kSingleCells = kSingleSums < kOutputVectors ? 1 : kSingleSums / kOutputVectors;
constexpr int kValueVectors = (kCellValues + kLanes - 1) / kLanes;

struct Position {
    int row, column;
};

// The positions of some cells of a run of tiles.
struct Positions {
    int count = 0;
    Position at[kStripRows * kPhases * kTileVectors * kLanes + kSingleCells];
};

// Computes the third layer of some cells, features (kSingleCells, kMostOutputs).
inline void convolve_cells(const Layer& layer, const InputRows& in, const Position* cells,
                           float* features) {
    Vector sums[kSingleCells][kOutputVectors];
    for (auto& of_cell : sums)
        for (int v = 0; v < kOutputVectors; ++v) of_cell[v] = load<Vector>(layer.bias + v * kLanes);
    const int channels = layer.inputs / 9;
    const float* weights = layer.weights;
    for (int tap = 0; tap < 9; ++tap) {
        const float* inputs[kSingleCells];
        for (int i = 0; i < kSingleCells; ++i) {
            const int x = cells[i].column + tap % 3;
            inputs[i] = in.row[cells[i].row + tap / 3] + x % kPhases * in.pitch + x / kPhases;
        }
        for (int c = 0; c < channels; ++c, weights += kPanel) {
            float value[kSingleCells];
#pragma GCC unroll 16
            for (int i = 0; i < kSingleCells; ++i) value[i] = inputs[i][c * kPhases * in.pitch];
#pragma GCC unroll 16
            for (int v = 0; v < kOutputVectors; ++v) {
                const Vector w = load<Vector>(weights + v / kPanelVectors * layer.inputs * kPanel +
                                              v % kPanelVectors * kLanes);
#pragma GCC unroll 16
                for (int i = 0; i < kSingleCells; ++i) sums[i][v] += value[i] * w;
            }
        }
    }
    for (int i = 0; i < kSingleCells; ++i)
        for (int v = 0; v < kOutputVectors; ++v)
            store(features + i * kMostOutputs + v * kLanes,
                  prelu(sums[i][v], load<Vector>(layer.bends + v * kLanes)));
}

// Computes the heads of these cells from the features.
inline void multiply_heads(const Layer& head, const float* features, const Position* cells,
                           const CellRows& out) {
    Vector sums[kSingleCells][kValueVectors];
    for (auto& of_cell : sums)
        for (int v = 0; v < kValueVectors; ++v) of_cell[v] = load<Vector>(head.bias + v * kLanes);
    const float* weights = head.weights;
    for (int input = 0; input < head.inputs; ++input, ++features, weights += kPanel)
#pragma GCC unroll 16
        for (int i = 0; i < kSingleCells; ++i)
#pragma GCC unroll 16
            for (int v = 0; v < kValueVectors; ++v)
                sums[i][v] += features[i * kMostOutputs] * load<Vector>(weights + v * kLanes);
    for (int i = 0; i < kSingleCells; ++i) {
        float values[kValueVectors * kLanes];
        for (int v = 0; v < kValueVectors; ++v) store(values + v * kLanes, sums[i][v]);
        float* to = out.values + cells[i].row * out.row + cells[i].column;
        for (int v = 0; v < kCellValues; ++v) to[v * out.plane] = values[v];
    }
}

// Computes the values of some cells, at least one. Not inlined, so that it has all registers to
// itself, which saves 2 % of a level's time.
[[gnu::noinline]] inline void single_cells(const CellLayers& layers, const InputRows& in,
                                           Positions& cells, const CellRows& out) {
    // The last one is repeated to fill the registers.
    for (int i = 0; i < kSingleCells; ++i) cells.at[cells.count + i] = cells.at[cells.count - 1];
    for (int first = 0; first < cells.count; first += kSingleCells) {
        float features[kSingleCells * kMostOutputs];
        convolve_cells(layers.single, in, cells.at + first, features);
        multiply_heads(layers.single_head, features, cells.at + first, out);
    }
}

}  // namespace mtcnn::simd::MTCNN_ISA
