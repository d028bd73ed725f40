// The input of P-Net's Winograd convolutions, in floats and in integers: its transform, and the
// runs of tiles that a row is cut into.
#pragma once
#include "kernels/pnet/blocking.hpp"
#include "kernels/vector.hpp"
#include "kernels/winograd.hpp"
#include "simd/pnet.hpp"

namespace mtcnn::simd::MTCNN_ISA {

// Computes the points of one column point, kStride values apart, from a channel's rows.
template <typename V, int kColumnPoint, int kStride, typename Value>
inline void transform_column(const Value* const (&rows)[kInputRows], std::ptrdiff_t pitch,
                             Value* points) {
    V d[kInputRows], v[kRowPoints];
#pragma GCC unroll 6
    for (int y = 0; y < kInputRows; ++y) {
        const Value *even = rows[y], *odd = rows[y] + pitch;
        d[y] = transform_input_2<kColumnPoint>(
            [&](int i) { return load<V>((i % kPhases ? odd : even) + i / kPhases); });
    }
    transform_inputs(d, v);
#pragma GCC unroll 6
    for (int p = 0; p < kRowPoints; ++p)
        store(points + (kColumnPoints * p + kColumnPoint) * kStride, v[p]);
}

// Sets points[point][channel][vector] to B^T d; a vector V holds kLanes values.
template <typename V, int kVectors, typename Value>
inline void transform_input(const Rows<Value>& in, int channels, int tile, Value* points) {
    constexpr int kStride = point_size(kMostInputs, kVectors);
    const std::ptrdiff_t pitch = in.pitch;
    const Value* rows[kInputRows];
    for (int y = 0; y < kInputRows; ++y) rows[y] = in.row[y] + tile;
    for (int channel = 0; channel < channels; ++channel) {
        for (int v = 0; v < kVectors; ++v, points += kLanes) {
            transform_column<V, 0, kStride>(rows, pitch, points);
            transform_column<V, 1, kStride>(rows, pitch, points);
            transform_column<V, 2, kStride>(rows, pitch, points);
            transform_column<V, 3, kStride>(rows, pitch, points);
            for (const Value*& row : rows) row += kLanes;
        }
        for (const Value*& row : rows) row += kPhases * pitch - kVectors * kLanes;
    }
}

// Calls body(tile, Constant<vectors>) for runs of kTileVectors vectors of tiles, then of one.
template <typename Body>
inline void for_tiles(int tiles, const Body& body) {
    int tile = 0;
    if constexpr (kTileVectors == 2)
        for (; tile + kLanes < tiles; tile += 2 * kLanes) body(tile, Constant<2>{});
    for (; tile < tiles; tile += kLanes) body(tile, Constant<1>{});
}

}  // namespace mtcnn::simd::MTCNN_ISA
