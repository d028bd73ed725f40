#include "core/networks/pnet.hpp"

#include <algorithm>
#include <utility>

#include "core/networks/pixel_rows.hpp"
#include "core/score.hpp"
#include "simd/dispatch.hpp"

namespace mtcnn {
namespace {

using simd::kPhases;
using simd::kPixelPhases;
using simd::kPooledRows;
using simd::kStripRows;

constexpr int kMostLanes = 16;  // of a vector, in any instruction set
constexpr int kCacheLine = 16;  // floats

int divide_up(int a, int b) { return (a + b - 1) / b; }

// Returns the floats from a phase to the next: room for whole vectors and one tile more. It is an
// odd number of cache lines, so that phases, channels and rows spread over all sets of the cache.
std::ptrdiff_t pitch_of(int tiles) {
    return kCacheLine * ((divide_up(tiles, kMostLanes) * (kMostLanes / kCacheLine) + 1) | 1);
}

// The last two strips of rows of a map, in the layout of simd/pnet.hpp.
template <typename Value>
class Ring {
  public:
    Ring(Scratch& buffer, int channels, int phases, std::ptrdiff_t pitch)
        : pitch_(pitch),
          row_size_(channels * phases * pitch),
          values_(buffer.reserve<Value>(kRows * row_size_)) {}

    Value* row(int y) const { return values_ + y % kRows * row_size_; }

    // Sets rows beyond the lower edge to 0. No weight multiplies them, but Winograd's sums contain
    // them, so that they change the rounding of others: old values must not remain there.
    void clear(int first, int count) const { std::fill_n(row(first), count * row_size_, Value{}); }

    simd::Rows<Value> input(int first) const {
        simd::Rows<Value> in = {{}, pitch_};
        for (int y = 0; y < simd::kInputRows; ++y) in.row[y] = row(first + y);
        return in;
    }

  private:
    static constexpr int kRows = 2 * kStripRows;
    std::ptrdiff_t pitch_, row_size_;
    Value* values_;
};

// Runs the network down a level, a strip of four rows at a time. Four rows of a layer need six of
// the layer before it: the four at the same place and the next two. A strip of cells needs:
//
//   pixels     8 rows and 2   pooling halves them: two strips of pixels for one of the others
//   pooled     4 rows and 2   made by halves, each from a strip of pixels and 2 rows
//   features   4 rows and 2
//   cells      4 rows
//
// Rings keep what the next strip needs again.
template <typename Layers>
class Sweep {
  public:
    Sweep(const Layers& layers, LevelSize level, int first_strip, PixelRows& source,
          PNet::Workspace& workspace)
        : layers_(layers),
          level_(level),
          source_(source),
          tiles_(divide_up(divide_up(level.width - 2, 2), kPhases)),
          pitch_(pitch_of(tiles_)),
          pixels_(workspace.pixels, 3, kPixelPhases, pitch_),
          pooled_(workspace.pooled, channels_after(0), kPhases, pitch_),
          features_(workspace.features, channels_after(1), kPhases, pitch_),
          scratch_(workspace.scratch.reserve(simd::kernels().pnet.scratch)),
          cells_(cells_in(workspace.cells, pitch_)),
          next_pixels_(2 * first_strip),
          next_pooled_(2 * first_strip),
          next_features_(first_strip) {}

    // Returns the next strip of cells; the first is that of the constructor.
    simd::CellRows cells(int strip, float least) {
        while (next_features_ <= strip + 1) convolve(next_features_++);
        const int first = kStripRows * strip;
        const int rows = std::min(kStripRows, PNet::cells_over(level_.height) - first);
        layers_.cells(features_.input(first), {rows, columns()}, least, scratch_, cells_);
        return cells_;
    }

    int columns() const { return PNet::cells_over(level_.width); }

  private:
    using Value = typename Layers::Value;

    static int channels_after(int layer) {
        return PNet::kShapes[layer].outputs / Layers::kChannels;
    }

    static simd::CellRows cells_in(Scratch& buffer, std::ptrdiff_t pitch) {
        const std::ptrdiff_t row = kPhases * pitch, plane = kStripRows * row;
        return {buffer.reserve(simd::kCellValues * plane), plane, row};
    }

    void convolve(int strip) {
        const int first = kStripRows * strip;
        while (next_pooled_ <= 2 * strip + 2) pool(next_pooled_++);
        if (first >= PNet::cells_over(level_.height) + 2) return features_.clear(first, kStripRows);
        Value* out[kStripRows];
        for (int y = 0; y < kStripRows; ++y) out[y] = features_.row(first + y);
        layers_.convolve(pooled_.input(first), divide_up(columns() + 2, kPhases), scratch_, out);
    }

    // Makes half a strip of pooled rows.
    void pool(int half) {
        const int first = kPooledRows * half, rows = level_.height - 2 - kStripRows * half;
        while (next_pixels_ <= half + 1) read(next_pixels_++);
        if (rows <= 0) return pooled_.clear(first, kPooledRows);
        Value* const out[kPooledRows] = {pooled_.row(first), pooled_.row(first + 1)};
        layers_.pool(pixels_.input(kStripRows * half),
                     {std::min(rows, kStripRows), level_.width - 2}, tiles_, scratch_, out);
    }

    void read(int strip) {
        const int first = kStripRows * strip;
        const int rows = std::clamp(level_.height - first, 0, kStripRows);
        if (rows < kStripRows) pixels_.clear(first, kStripRows);
        if (rows == 0) return;
        source_.read(first, rows, pitch_, pixels_.row(first));
    }

    const Layers& layers_;
    LevelSize level_;
    PixelRows& source_;
    int tiles_;  // in a pooled row, which has the most
    std::ptrdiff_t pitch_;
    Ring<float> pixels_;
    Ring<Value> pooled_, features_;
    float* scratch_;
    simd::CellRows cells_;
    int next_pixels_, next_pooled_, next_features_;  // strips; of pooled rows, half strips
};

}  // namespace

PNet::PNet(Layers layers, const std::optional<Statistics>& statistics)
    : layers_(FloatLayers(std::move(layers), statistics ? &statistics->means : nullptr)) {}

PNet PNet::in_integers(const Layers& layers, const Statistics& statistics) {
    return PNet(IntegerLayers(layers, statistics.limits));
}

void PNet::cells(const float* pixels, LevelSize level, Workspace& workspace, float* out) const {
    ArrayRows source(pixels, level);
    const int rows = cells_over(level.height), columns = cells_over(level.width);
    const auto copy = [&](const simd::CellRows& strip, int first) {
        for (int value = 0; value < simd::kCellValues; ++value)
            for (int y = first; y < std::min(first + kStripRows, rows); ++y)
                std::copy_n(strip.values + value * strip.plane + (y - first) * strip.row, columns,
                            out + (std::ptrdiff_t{value} * rows + y) * columns);
    };
    const auto run = [&](const auto& layers) {
        Sweep sweep(layers, level, 0, source, workspace);
        for (int first = 0; first < rows; first += kStripRows)
            copy(sweep.cells(first / kStripRows, logit(0)), first);
    };
    std::visit(run, layers_);
}

void PNet::propose(const Source& source, LevelSize level, int first_cell_row, int cell_rows,
                   double threshold, Workspace& workspace, Candidates& found) const {
    LevelRows rows(source, level, workspace.rows, workspace.columns,
                   workspace.lines.reserve(simd::lines_size(source.pixels.width)));
    const int first_strip = first_cell_row / kStripRows, end = first_cell_row + cell_rows;
    const double scale_x = level.width / (source.side * source.width);
    const double scale_y = level.height / (source.side * source.height);
    const auto append = [&](const simd::CellRows& cells, int top) {
        const int first = std::max(top, first_cell_row), last = std::min(top + kStripRows, end);
        append_candidates(
            {cells.values + (first - top) * cells.row, last - first, cells_over(level.width),
             cells.plane, cells.row, kStride * first, scale_x, scale_y},
            threshold, found);
    };
    const auto run = [&](const auto& layers) {
        Sweep sweep(layers, level, first_strip, rows, workspace);
        for (int strip = first_strip; strip * kStripRows < end; ++strip)
            append(sweep.cells(strip, logit(threshold)), strip * kStripRows);
    };
    std::visit(run, layers_);
}

}  // namespace mtcnn
