// The first convolution of R-Net and O-Net with its pooling, of one crop at a time. F(4, 3) down
// the columns makes a strip of four rows.
#include "kernels/crop/flags.hpp"
#include "kernels/product.hpp"
#include "kernels/table.hpp"
#include "kernels/winograd.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

constexpr int kColors = 3, kSide = 3;
constexpr int kReach = kCropStripRows + kSide - 1;

// Transforms six rows of the planes to (kCropStripProducts, kColors, side).
void transform_strip(const float* rows, int side, float* transformed) {
    const std::ptrdiff_t plane = std::ptrdiff_t{side} * side;
    for (int color = 0; color < kColors; ++color)
        // The last vector overlaps its neighbor instead of reading past the row.
        for (int x = 0; x < side;
             x = x < side - kLanes ? minimum(x + kLanes, side - kLanes) : side) {
            Vector d[kReach], t[kCropStripProducts];
            for (int y = 0; y < kReach; ++y)
                d[y] = load<Vector>(rows + color * plane + y * side + x);
            transform_inputs(d, t);
            for (int p = 0; p < kCropStripProducts; ++p)
                store(transformed + (p * kColors + color) * side + x, t[p]);
        }
}

// Computes one of the strip's products, (columns, kPanel), each from three columns of all colors.
void multiply_columns(const float* transformed, int side, const float* weights, float* products) {
    for_parts(side - 2, kBlockRows, [&](int first, int size) {
        with_constant<kBlockRows>(size, [&](auto block) {
            Vector sums[block.value][kPanelVectors];
            const auto colors = [&](int color) {
                return Operands{transformed + color * side + first, 1,
                                weights + color * kSide * kPanel, 0};
            };
            multiply(colors(0), kSide, sums);
            for (int color = 1; color < kColors; ++color) accumulate(colors(color), 0, kSide, sums);
            for_sums(sums, [&](int x, int channel, Vector sum) {
                store(products + (first + x) * kPanel + channel, sum);
            });
        });
    });
}

// Rows of maxima over columns, which are then pooled along the rows. A strip finishes the row that
// the strip before it began, makes one and begins another.
struct Rows {
    float *begun, *made, *next;
};

// Computes four rows of a panel from the strip's products, and pools them down the columns.
void finish_strip(const float* products, int columns, const float* bias, const float* bends,
                  int channels, Rows maxima) {
    for (int lane = 0; lane < kPanel; lane += kLanes) {
        const Vector offset = load<Vector>(bias + lane), bend = load<Vector>(bends + lane);
        for (int x = 0; x < columns; ++x) {
            Vector m[kCropStripProducts], y[kCropStripRows];
            for (int p = 0; p < kCropStripProducts; ++p)
                m[p] = load<Vector>(products + (p * columns + x) * kPanel + lane);
            m[kBiasPoint] += offset;
            transform_outputs(m, y);
            for (Vector& value : y) value = prelu(value, bend);
            const int at = x * channels + lane;
            store(maxima.begun + at, maximum(load<Vector>(maxima.begun + at), y[0]));
            store(maxima.made + at, maximum(maximum(y[0], y[1]), y[2]));
            store(maxima.next + at, maximum(y[2], y[3]));
        }
    }
}

// Pools a row of maxima with windows of three columns and stride 2. Their number is rounded up: the
// last window may hang over the edge.
void pool_columns(const float* maxima, int columns, int channels, float* out) {
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
    const int products_size = columns * kPanel, maxima_size = columns * channels;
    const int weights_size = kColors * kSide * kPanel;
    float* transformed = scratch;
    float* products = transformed + kCropStripProducts * kColors * side;
    float* ring = products + kCropStripProducts * products_size;
    // The maxima of row `pooled` of the output.
    const auto maxima = [&](int pooled) { return ring + pooled % kMaximaRows * maxima_size; };

    int pooled = 0;
    for (int y = 0; pooled < rows / 2; y = minimum(y + kCropStripRows, rows - kCropStripRows)) {
        transform_strip(crop + y * side, side, transformed);
        for (int panel = 0; panel < layer.panels; ++panel) {
            const int channel = panel * kPanel;
            const float* weights = layer.weights + panel * kCropStripProducts * weights_size;
            for (int p = 0; p < kCropStripProducts; ++p)
                multiply_columns(transformed + p * kColors * side, side, weights + p * weights_size,
                                 products + p * products_size);
            finish_strip(products, columns, layer.bias + channel, layer.bends + channel, channels,
                         {maxima(y / 2 + kMaximaRows - 1) + channel, maxima(y / 2) + channel,
                          maxima(y / 2 + 1) + channel});
        }
        // The last strip overlaps its neighbor, and no other follows to finish its last row.
        const int finished = y == rows - kCropStripRows ? rows / 2 : y / 2 + 1;
        for (; pooled < finished; ++pooled)
            pool_columns(maxima(pooled), columns, channels, out + pooled * columns / 2 * channels);
    }
}

}  // namespace mtcnn::simd::MTCNN_ISA
