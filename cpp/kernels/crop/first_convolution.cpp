// The first convolution of R-Net and O-Net with its pooling, of one crop at a time. F(6, 3) down
// the columns makes a strip of six rows.
#include "kernels/crop/flags.hpp"
#include "kernels/product.hpp"
#include "kernels/table.hpp"
#include "kernels/winograd.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

constexpr int kColors = 3, kSide = 3;
constexpr int kReach = kCropStripRows + kSide - 1;

// Transforms eight rows of the planes to (kCropStripProducts, kColors, side).
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

// Columns whose products, (panels, kCropStripProducts, kColumnBlock, kPanel), are made and used at
// a time: they stay in the L1 cache.
constexpr int kColumnBlock = block_rows(kBlockPanels);
constexpr std::ptrdiff_t kProductsSize = kCropStripProducts * kColumnBlock * kPanel;
static_assert(kBlockPanels * kColumnBlock * kPanel <= kColumnProducts);

// Computes the strip's products for kColumns columns and kPanels panels, each from three columns of
// all colors. Not inlined, so that it has all registers to itself.
template <int kPanels, int kColumns>
[[gnu::noinline]] void multiply_columns(const float* transformed, int side, const float* weights,
                                        float* products) {
    constexpr int kInputs = kColors * kSide, kWeights = kInputs * kPanel;
    for (int p = 0; p < kCropStripProducts; ++p) {
        Vector sums[kColumns][kPanels * kPanelVectors];
        const auto operands = [=](int color) {
            return Operands{transformed + color * (side - kSide), 1, weights,
                            kCropStripProducts * kWeights};
        };
        multiply_input<true>(operands(0), 0, sums);
#pragma GCC unroll 9
        for (int input = 1; input < kInputs; ++input)
            multiply_input<false>(operands(input / kSide), input, sums);
        store_sums(sums, products, kProductsSize);
        transformed += kColors * side;
        weights += kWeights;
        products += kColumnBlock * kPanel;
    }
}

// Rows of maxima over columns, which are then pooled along the rows. A strip finishes the row that
// the strip before it began, makes two and begins another.
struct Rows {
    float *begun, *first, *second, *next;
};

// Computes six rows of a panel from the products of some columns, and pools them down the columns.
void finish_columns(const Layer& layer, int panel, int columns, const float* products,
                    const Rows& maxima) {
    const int channels = layer.channels();
    for (int lane = 0; lane < kPanel; lane += kLanes) {
        const int channel = panel * kPanel + lane;
        const Vector offset = load<Vector>(layer.bias + channel);
        const Vector bend = load<Vector>(layer.bends + channel);
        float *begun = maxima.begun + channel, *first = maxima.first + channel,
              *second = maxima.second + channel, *next = maxima.next + channel;
        const float* product = products + lane;
        for (int x = 0; x < columns; ++x, product += kPanel) {
            Vector m[kCropStripProducts], y[kCropStripRows];
            for (int p = 0; p < kCropStripProducts; ++p)
                m[p] = load<Vector>(product + p * kColumnBlock * kPanel);
            m[kBiasPoint] += offset;
            transform_outputs(m, y);
            for (Vector& value : y) value = prelu(value, bend);
            store(begun, maximum(load<Vector>(begun), y[0]));
            store(first, maximum(maximum(y[0], y[1]), y[2]));
            store(second, maximum(maximum(y[2], y[3]), y[4]));
            store(next, maximum(y[4], y[5]));
            begun += channels;
            first += channels;
            second += channels;
            next += channels;
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

// Computes a strip of kPanels panels, from `panel` on, from the transformed rows.
template <int kPanels>
void convolve_strip(const Layer& layer, int side, int panel, const float* transformed,
                    float* products, const Rows& maxima) {
    const int channels = layer.channels();
    const float* weights = layer.weights + panel * kCropStripProducts * kColors * kSide * kPanel;
    for_parts(side - 2, kColumnBlock, [&](int first, int size) {
        with_constant<kColumnBlock>(size, [&](auto block) {
            multiply_columns<kPanels, block.value>(transformed + first, side, weights, products);
        });
        const Rows rows = {maxima.begun + first * channels, maxima.first + first * channels,
                           maxima.second + first * channels, maxima.next + first * channels};
        for (int i = 0; i < kPanels; ++i)
            finish_columns(layer, panel + i, size, products + i * kProductsSize, rows);
    });
}

}  // namespace

void convolve_crop(const float* crop, int side, const Layer& layer, float* scratch, float* out) {
    const int columns = side - 2, rows = side - 2, channels = layer.channels();
    const int maxima_size = columns * channels;
    float* transformed = scratch;
    float* products = transformed + kCropStripProducts * kColors * side;
    float* ring = products + kBlockPanels * kProductsSize;
    // The maxima of row `pooled` of the output.
    const auto maxima = [&](int pooled) { return ring + pooled % kMaximaRows * maxima_size; };

    int pooled = 0;
    for (int y = 0; pooled < rows / 2; y = minimum(y + kCropStripRows, rows - kCropStripRows)) {
        transform_strip(crop + y * side, side, transformed);
        const Rows strip = {maxima(y / 2 + kMaximaRows - 1), maxima(y / 2), maxima(y / 2 + 1),
                            maxima(y / 2 + 2)};
        for (int panel = 0; panel < layer.panels; panel += kBlockPanels)
            with_constant<kBlockPanels>(
                minimum(kBlockPanels, layer.panels - panel), [&](auto panels) {
                    convolve_strip<panels.value>(layer, side, panel, transformed, products, strip);
                });
        // The last strip overlaps its neighbor, and no other follows to finish its last row.
        const int finished = y == rows - kCropStripRows ? rows / 2 : y / 2 + 2;
        for (; pooled < finished; ++pooled)
            pool_columns(maxima(pooled), columns, channels, out + pooled * columns / 2 * channels);
    }
}

}  // namespace mtcnn::simd::MTCNN_ISA
