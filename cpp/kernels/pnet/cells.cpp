// P-Net's third layer and the heads, from features to cells. Most cells are no faces, and a bound
// of the face logit (core/networks/face_bound.hpp) is enough to know it. The few others are
// computed one by one or, if they are many, with all cells of a run of tiles.
#include "kernels/pnet/cell_values.hpp"
#include "kernels/pnet/convolution.hpp"
#include "kernels/pnet/single_cells.hpp"
#include "kernels/table.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

// A margin for the rounding of the bound and of the logit, which is below 1e-4.
constexpr float kRounding = 0.01f;

// Single cells of a vector of tiles that take as long as all of its cells together.
constexpr int kMostSingle = 3 * kLanes;

// Computes values [first, first + kValues) of the heads from rows [0, kRows) of features.
template <int kRows, int kValues>
inline void multiply_head(const PackedConvolution& head, int first, const float* features,
                          Values (&cells)[kRows][kValues]) {
    for (int row = 0; row < kRows; ++row)
        for (int v = 0; v < kValues; ++v)
            for (Vector& cell : cells[row][v]) cell = Vector{} + head.bias[first + v];
    const float* kernel = head.kernel + first * head.inputs;
    for (int i = 0; i < head.inputs; ++i, ++kernel, features += kPhases * kFeaturePitch)
#pragma GCC unroll 4
        for (int row = 0; row < kRows; ++row)
#pragma GCC unroll 2
            for (int phase = 0; phase < kPhases; ++phase) {
                const Vector feature =
                    load<Vector>(features + row * kFeatureRow + phase * kFeaturePitch);
#pragma GCC unroll 4
                for (int v = 0; v < kValues; ++v)
                    cells[row][v][phase] += kernel[v * head.inputs] * feature;
            }
}

// Finds the cells whose bound, the first value in `cells`, is not below `least`.
template <int kVectors>
void find(const CellRows& cells, const CellArea& area, int tile, float least, Positions& found) {
    const int first = kPhases * tile;
    const int end = minimum(first + kPhases * kVectors * kLanes, area.columns);
    for (int row = 0; row < area.rows; ++row) {
        const float* bounds = cells.values + row * cells.row;
        for (int x = first; x < end; x += kLanes) {
            if (all(load<Vector>(bounds + x) < least)) continue;
            for (int column = x; column < minimum(x + kLanes, end); ++column)
                if (!(bounds[column] < least)) found.at[found.count++] = {row, column};
        }
    }
}

// Computes a run of kVectors vectors of tiles.
template <int kVectors>
struct Run {
    const CellLayers& layers;
    const InputRows& in;
    const CellArea& area;
    float *points, *products, *features;
    int tile;

    void convolve(const PackedConvolution& layer) const {
        float* const rows[] = {features, features + kFeatureRow, features + 2 * kFeatureRow,
                               features + 3 * kFeatureRow};
        convolve_points<kVectors>(layer, points, products, kFeaturePitch, rows, 0);
    }

    // Computes the bounds of all cells, and the values of those whose bound is not below `least`.
    // Returns false, without the values, if these are too many.
    bool bound(float least, const CellRows& out) const {
        convolve(layers.bound);
        for (int v = 0; v < kVectors; ++v) {
            Values bounds[kStripRows][1];
            multiply_head(layers.bound_head, 0, features + v * kLanes, bounds);
            for (int y = 0; y < kStripRows; ++y)
                store_values(bounds[y][0],
                             out.values + kPhases * (tile + v * kLanes) + y * out.row);
        }
        Positions found;
        find<kVectors>(out, area, tile, least - kRounding, found);
        if (found.count > kMostSingle * kVectors) return false;
        if (found.count > 0) single_cells(layers, in, found, out);
        return true;
    }

    // Computes the values of all cells.
    void all(float least, const CellRows& out) const {
        convolve(layers.layer);
        const auto multiply = [&](int first, const float* features, auto& cells) {
            multiply_head(layers.head, first, features, cells);
        };
        for (int v = 0; v < kVectors; ++v)
            store_cells_of_tiles(multiply, features + v * kLanes, least, tile + v * kLanes, out);
    }
};

}  // namespace

void cells(const CellLayers& layers, const InputRows& in, const CellArea& area, float least,
           float* scratch, const CellRows& out) {
    float *products = scratch + kPointsSize, *features = products + kProductsSize;
    const bool bounded = layers.bound.outputs > 0 && least > -__builtin_inff();
    for_tiles((area.columns + kPhases - 1) / kPhases, [&](int tile, auto count) {
        const Run<count.value> run = {layers, in, area, scratch, products, features, tile};
        transform_input<Vector, count.value>(in, layers.layer.inputs, tile, scratch);
        if (!bounded || !run.bound(least, out)) run.all(least, out);
    });
}

}  // namespace mtcnn::simd::MTCNN_ISA
