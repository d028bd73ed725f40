// What P-Net's Winograd convolutions in floats and in integers have in common: the input's
// transform, and how a row is cut.
#pragma once
#include "simd/pnet.hpp"
#include "kernels/vector.hpp"
#include "kernels/winograd.hpp"
#include "kernels/pnet/blocking.hpp"

namespace mtcnn::simd::MTCNN_ISA {

template <typename V, int kColumnPoint, int kStride, typename Value>
inline void transform_column(const Value* const (&rows)[kInputRows], std::ptrdiff_t pitch,
                             Value* points) {
    V d[kInputRows], v[kRowPoints];
#pragma GCC unroll 6
    for (int y = 0; y < kInputRows; ++y)
        d[y] = transform_inputs_2<V, kColumnPoint>(rows[y], rows[y] + pitch);
    transform_inputs(d, v);
#pragma GCC unroll 6
    for (int p = 0; p < kRowPoints; ++p)
        store(points + (kColumnPoints * p + kColumnPoint) * kStride, v[p]);
}

// points[point][channel][vector] = B^T d; a vector V holds kLanes values.
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

template <int kVectors>
struct Count {
    static constexpr int value = kVectors;
};

// Calls body(tile, Count<vectors>) for runs of kTileVectors vectors of tiles, then for one more.
template <typename Body>
inline void for_tiles(int tiles, const Body& body) {
    static_assert(kTileVectors == 2);
    int tile = 0;
    for (; tile + kLanes < tiles; tile += 2 * kLanes) body(tile, Count<2>{});
    if (tile < tiles) body(tile, Count<1>{});
}

}  // namespace mtcnn::simd::MTCNN_ISA
