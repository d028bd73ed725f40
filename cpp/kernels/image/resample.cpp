// Area averaging: weighted sums of rows, then of columns.
#include "kernels/table.hpp"
#include "kernels/vector.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

constexpr int kBlock = 4 * kLanes;  // bytes of a row that stay in registers over all rows of a span

// Up to kMostSingle rows are added one by one, as floats. Of more, those between the first and the
// last are added as words, which then become floats; a word holds the sum of kMostWhole bytes.
constexpr int kMostSingle = 4, kMostWhole = 256;

// Adds a row with its weight.
inline void add_row(const std::uint8_t* source, float weight, Vector (&sum)[4]) {
    for (int i = 0; i < 4; ++i) sum[i] += weight * load_bytes(source + i * kLanes);
}

// Adds `count` rows of the same weight.
inline void add_rows(const std::uint8_t* source, std::ptrdiff_t stride, int count, float weight,
                     Vector (&sum)[4]) {
    Words words[2] = {};
    for (int row = 0; row < count; ++row, source += stride)
        for (int i = 0; i < 2; ++i) words[i] += load_words(source + 2 * i * kLanes);
    for (int i = 0; i < 2; ++i) {
        sum[2 * i] += weight * low_numbers(words[i]);
        sum[2 * i + 1] += weight * high_numbers(words[i]);
    }
}

// Sets line[0..kBlock) to the weighted sum of `count` rows at `source`. All but the first and the
// last are covered wholly, and so have the same weight.
inline void sum_block(const std::uint8_t* source, std::ptrdiff_t stride, const float* weights,
                      int count, float* line) {
    Vector sum[4] = {};
    add_row(source, weights[0], sum);
    for (int row = 1, rows; row < count - 1; row += rows) {
        rows = minimum(count - 1 - row, kMostWhole);
        add_rows(source + row * stride, stride, rows, weights[1], sum);
    }
    add_row(source + (count - 1) * stride, weights[count - 1], sum);
    for (int i = 0; i < 4; ++i) store(line + i * kLanes, sum[i]);
}

// Sets line[0..size), at least kLanes, to the weighted sum of kCount rows, each added by itself.
template <int kCount>
void sum_few_rows(const std::uint8_t* source, std::ptrdiff_t stride, const float* weights, int size,
                  float* line) {
    static_assert(kCount <= kMostSingle);
    Vector factors[kCount];
    for (int row = 0; row < kCount; ++row) factors[row] = Vector{} + weights[row];
    const auto add = [&](int x) {
        Vector sum = {};
#pragma GCC unroll 4
        for (int row = 0; row < kCount; ++row)
            sum += factors[row] * load_bytes(source + row * stride + x);
        store(line + x, sum);
    };
    for (int x = 0; x < size - kLanes; x += kLanes) add(x);
    // The last vector overlaps its neighbor instead of reading past the row.
    add(size - kLanes);
}

// Sets line[0..size) to the weighted sum of `count` rows at `source`.
void sum_rows(const std::uint8_t* source, std::ptrdiff_t stride, const float* weights, int count,
              int size, float* line) {
    if (size >= kLanes) {
        if (count == 1) return sum_few_rows<1>(source, stride, weights, size, line);
        if (count == 2) return sum_few_rows<2>(source, stride, weights, size, line);
        if (count == 3) return sum_few_rows<3>(source, stride, weights, size, line);
        if (count == 4) return sum_few_rows<4>(source, stride, weights, size, line);
    }
    if (size < kBlock || count == 0) {
        for (int x = 0; x < size; ++x) {
            float sum = 0;
            for (int row = 0; row < count; ++row) sum += weights[row] * source[row * stride + x];
            line[x] = sum;
        }
        return;
    }
    for (int x = 0; x < size - kBlock; x += kBlock)
        sum_block(source + x, stride, weights, count, line + x);
    // The last block overlaps its neighbor instead of reading past the row.
    sum_block(source + size - kBlock, stride, weights, count, line + size - kBlock);
}

// Fills kRows rows of the three planes from as many lines of interleaved pixels, which begin with
// source pixel `begin`.
template <int kRows>
void sum_columns(const float* lines, std::size_t line_stride, int begin, Axis columns,
                 const PlanarLayout& layout, float* red, float* green, float* blue) {
    for (int phase = 0; phase < layout.phases; ++phase) {
        std::ptrdiff_t to = phase * layout.phase;
        for (int x = phase; x < columns.size; x += layout.phases, ++to) {
            const Span span = columns.spans[x];
            const float* weights = columns.weights + span.offset;
            const float* pixel = lines + 3 * (span.first - begin);
            Pixel sum[kRows] = {};
            for (int i = 0; i < span.count; ++i, pixel += 3)
                for (int row = 0; row < kRows; ++row)
                    sum[row] += weights[i] * load<Pixel>(pixel + row * line_stride);
            for (int row = 0; row < kRows; ++row) {
                red[to + row * layout.row] = sum[row][0];
                green[to + row * layout.row] = sum[row][1];
                blue[to + row * layout.row] = sum[row][2];
            }
        }
    }
}

}  // namespace

void resample(const ImageView& image, Axis rows, Axis columns, float* lines,
              const PlanarLayout& layout, float* out) {
    float* first = image.bgr ? out + 2 * layout.channel : out;
    float* second = out + layout.channel;
    float* third = image.bgr ? out : out + 2 * layout.channel;

    const Span left = columns.spans[0], right = columns.spans[columns.size - 1];
    const int begin = left.first, size = 3 * (right.first + right.count - begin);
    const std::size_t line_stride = lines_size(image.width) / kLinesAtOnce;
    // This value is read with the last pixel, into a lane that nobody uses.
    for (int i = 0; i < kLinesAtOnce; ++i) lines[i * line_stride + size] = 0;

    const auto sum_row = [&](int y, float* line) {
        const Span span = rows.spans[y];
        const std::uint8_t* source =
            image.pixels + span.first * image.row_stride + 3 * static_cast<std::ptrdiff_t>(begin);
        sum_rows(source, image.row_stride, rows.weights + span.offset, span.count, size, line);
    };
    int y = 0;
    for (; y + kLinesAtOnce <= rows.size; y += kLinesAtOnce) {
        for (int i = 0; i < kLinesAtOnce; ++i) sum_row(y + i, lines + i * line_stride);
        const std::ptrdiff_t to = y * layout.row;
        sum_columns<kLinesAtOnce>(lines, line_stride, begin, columns, layout, first + to,
                                  second + to, third + to);
    }
    for (; y < rows.size; ++y) {
        sum_row(y, lines);
        const std::ptrdiff_t to = y * layout.row;
        sum_columns<1>(lines, line_stride, begin, columns, layout, first + to, second + to,
                       third + to);
    }
}

}  // namespace mtcnn::simd::MTCNN_ISA
