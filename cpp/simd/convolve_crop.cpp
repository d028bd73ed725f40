#include "simd/product.hpp"
#include "simd/table.hpp"
#include "simd/winograd.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

constexpr int kColors = 3, kSide = 3;
constexpr int kReach = kStripRows + kSide - 1;

// Six rows of the planes -> (kStripProducts, kColors, side).
void transform_strip(const float* rows, int side, float* transformed) {
    const std::ptrdiff_t plane = std::ptrdiff_t{side} * side;
    for (int color = 0; color < kColors; ++color)
        // The last vector overlaps its neighbour instead of reading past the row.
        for (int x = 0; x < side;
             x = x < side - kLanes ? minimum(x + kLanes, side - kLanes) : side) {
            Vector d[kReach], t[kStripProducts];
            for (int y = 0; y < kReach; ++y)
                d[y] = load<Vector>(rows + color * plane + y * side + x);
            transform_inputs(d, t);
            for (int p = 0; p < kStripProducts; ++p)
                store(transformed + (p * kColors + color) * side + x, t[p]);
        }
}

// One of the strip's products, (columns, kPanel): every column sees three columns of all colors.
void multiply_columns(const float* transformed, int side, const float* weights, float* products) {
    for_parts(side - 2, kBlockRows, [&](int first, int size) {
        with_constant<kBlockRows>(size, [&](auto block) {
            Vector sums[block.value][kPanelVectors] = {};
#pragma GCC unroll 3
            for (int color = 0; color < kColors; ++color)
                multiply(transformed + color * side + first, 1, kSide,
                         weights + color * kSide * kPanel, 0, sums);
            for (int x = 0; x < block.value; ++x)
                for (int v = 0; v < kPanelVectors; ++v)
                    store(products + (first + x) * kPanel + v * kLanes, sums[x][v]);
        });
    });
}

// Four rows from the products of a panel, pooled in the vertical: the row of maxima that begins
// with the strip, the one after it as far as it lies in the strip, and what the one before it
// lacks.
void finish_strip(const float* products, int columns, const float* bias, const float* bends,
                  int channels, bool first, float* maxima) {
    const std::ptrdiff_t row = std::ptrdiff_t{columns} * channels;
    for (int x = 0; x < columns; ++x, maxima += channels, products += kPanel)
        for (int lane = 0; lane < kPanel; lane += kLanes) {
            Vector m[kStripProducts], y[kStripRows];
            for (int p = 0; p < kStripProducts; ++p)
                m[p] = load<Vector>(products + p * columns * kPanel + lane);
            m[kConstantProduct] += load<Vector>(bias + lane);
            transform_outputs(m, y);
            for (Vector& value : y) value = prelu(value, load<Vector>(bends + lane));
            float* out = maxima + lane;
            store(out, maximum(maximum(y[0], y[1]), y[2]));
            store(out + row, maximum(y[2], y[3]));
            if (!first) store(out - row, maximum(load<Vector>(out - row), y[0]));
        }
}

// Three columns at every second, which rounds up: the last window may hang over the edge.
void pool_columns(const float* maxima, int rows, int columns, int channels, float* out) {
    for (int y = 0; y < rows; ++y, maxima += columns * channels, out += columns / 2 * channels)
        for (int c = 0; c < channels; c += kLanes) {
            Vector right = load<Vector>(maxima + c);
            for (int x = 0; x < columns; x += 2) {
                const float* next = maxima + (x + 1) * channels + c;
                const Vector left = maximum(right, load<Vector>(next));
                right = load<Vector>(x + 2 < columns ? next + channels : next);
                store(out + x / 2 * channels + c, maximum(left, right));
            }
        }
}

}  // namespace

void convolve_crop(const float* crop, int side, const Layer& layer, float* scratch, float* out) {
    const int columns = side - 2, rows = side - 2, channels = layer.channels();
    float* transformed = scratch;
    float* products = transformed + kStripProducts * kColors * side;
    float* maxima = products + kStripProducts * columns * kPanel;
    const int weights_size = kColors * kSide * kPanel;

    // The last strip overlaps its neighbour.
    for (int y = 0; y < rows;
         y = y < rows - kStripRows ? minimum(y + kStripRows, rows - kStripRows) : rows) {
        transform_strip(crop + y * side, side, transformed);
        for (int panel = 0; panel < layer.panels; ++panel) {
            const float* weights = layer.weights + panel * kStripProducts * weights_size;
            for (int p = 0; p < kStripProducts; ++p)
                multiply_columns(transformed + p * kColors * side, side, weights + p * weights_size,
                                 products + p * columns * kPanel);
            finish_strip(products, columns, layer.bias + panel * kPanel,
                         layer.bends + panel * kPanel, channels, y == 0,
                         maxima + y / 2 * columns * channels + panel * kPanel);
        }
    }
    pool_columns(maxima, rows / 2, columns, channels, out);
}

}  // namespace mtcnn::simd::MTCNN_ISA
