// The cells that P-Net's heads give: a regression is computed only near cells that need one.
#pragma once
#include "kernels/pnet/blocking.hpp"
#include "kernels/vector.hpp"
#include "simd/pnet.hpp"

namespace mtcnn::simd::MTCNN_ISA {

typedef Vector Values[kPhases];  // one value of the cells of a vector of tiles

inline void store_values(const Values& cells, float* to) {
    store(to, interleave_low(cells[0], cells[1]));
    store(to + kLanes, interleave_high(cells[0], cells[1]));
}

// Writes the cells of a vector of tiles. multiply(first, features, Values (&)[rows][count])
// computes `count` values, from `first` on, of the first rows of features.
template <typename Multiply, typename Feature>
inline void store_cells_of_tiles(const Multiply& multiply, const Feature* features, float least,
                                 int tile, const CellRows& out) {
    Values logits[kStripRows][1];
    multiply(0, features, logits);
    float* to = out.values + kPhases * tile;
    for (int y = 0; y < kStripRows; ++y, to += out.row, features += kFeatureRow) {
        const Values& logit = logits[y][0];
        store_values(logit, to);
        if (all((logit[0] < least) & (logit[1] < least))) continue;
        Values regression[1][kCellValues - 1];
        multiply(1, features, regression);
        for (int v = 1; v < kCellValues; ++v)
            store_values(regression[0][v - 1], to + v * out.plane);
    }
}

}  // namespace mtcnn::simd::MTCNN_ISA
