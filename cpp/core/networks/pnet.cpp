#include "core/networks/pnet.hpp"

#include <algorithm>
#include <utility>

#include "core/networks/pixel_rows.hpp"
#include "core/networks/winograd.hpp"
#include "core/score.hpp"
#include "simd/dispatch.hpp"

namespace mtcnn {
namespace {

using simd::kPhases;
using simd::kPixelPhases;
using simd::kPooledRows;
using simd::kStripRows;

constexpr int kMostLanes = 16;
constexpr int kCacheLine = 16;  // floats

int divide_up(int a, int b) { return (a + b - 1) / b; }

// Room for whole vectors and one tile more. An odd number of cache lines, so that phases, channels
// and rows spread over all sets of the cache.
std::ptrdiff_t pitch_of(int tiles) {
    return kCacheLine * ((divide_up(tiles, kMostLanes) * (kMostLanes / kCacheLine) + 1) | 1);
}

simd::PackedConvolution view(const Convolution& layer) {
    return {layer.outputs, layer.inputs, layer.kernel.data(), layer.bias.data(),
            layer.slopes.data()};
}

// The last two strips of rows of a map, in the layout of simd/pnet.hpp.
class Ring {
  public:
    Ring(Scratch& buffer, int channels, int phases, std::ptrdiff_t pitch)
        : pitch_(pitch),
          row_size_(channels * phases * pitch),
          values_(buffer.reserve(kRows * row_size_)) {}

    float* row(int y) const { return values_ + y % kRows * row_size_; }

    // Rows beyond the lower edge are multiplied by nothing, but they change the rounding of others:
    // they must not be what happens to be there.
    void clear(int first, int count) const { std::fill_n(row(first), count * row_size_, 0.f); }

    simd::InputRows input(int first) const {
        simd::InputRows in = {{}, pitch_};
        for (int y = 0; y < simd::kInputRows; ++y) in.row[y] = row(first + y);
        return in;
    }

  private:
    static constexpr int kRows = 2 * kStripRows;
    std::ptrdiff_t pitch_, row_size_;
    float* values_;
};

}  // namespace

// The network on its way down a level. Four rows of a layer need six of the one before it: the four
// at the same place and the next two. For a strip of cells, strip by strip:
//
//   pixels     8 rows and 2   pooling halves them: two strips of pixels for one of the others
//   pooled     4 rows and 2   made by halves, each from a strip of pixels and 2 rows
//   features   4 rows and 2
//   cells      4 rows
//
// Rings keep what the next strip needs again.
class Sweep {
  public:
    Sweep(const PNet& net, LevelSize level, int first_strip, PixelRows& source,
          PNet::Workspace& workspace)
        : net_(net),
          level_(level),
          source_(source),
          tiles_(divide_up(divide_up(level.width - 2, 2), kPhases)),
          pitch_(pitch_of(tiles_)),
          pixels_(workspace.pixels, 3, kPixelPhases, pitch_),
          pooled_(workspace.pooled, net.layers_[0].outputs, kPhases, pitch_),
          features_(workspace.features, net.layers_[1].outputs, kPhases, pitch_),
          scratch_(workspace.scratch.reserve(net.kernels_.scratch)),
          cells_(cells_in(workspace.cells, pitch_)),
          next_pixels_(2 * first_strip),
          next_pooled_(2 * first_strip),
          next_features_(first_strip) {}

    // The next strip of cells; the first is that of the constructor.
    simd::CellRows cells(int strip, float least) {
        while (next_features_ <= strip + 1) convolve(next_features_++);
        net_.kernels_.cells(view(net_.layers_[2]), view(net_.layers_[3]),
                            features_.input(kStripRows * strip), divide_up(columns(), kPhases),
                            least, scratch_, cells_);
        return cells_;
    }

    int columns() const { return PNet::cells_over(level_.width); }

  private:
    static simd::CellRows cells_in(Scratch& buffer, std::ptrdiff_t pitch) {
        const std::ptrdiff_t row = kPhases * pitch, plane = kStripRows * row;
        return {buffer.reserve(simd::kCellValues * plane), plane, row};
    }

    void convolve(int strip) {
        const int first = kStripRows * strip;
        while (next_pooled_ <= 2 * strip + 2) pool(next_pooled_++);
        if (first >= PNet::cells_over(level_.height) + 2) return features_.clear(first, kStripRows);
        float* out[kStripRows];
        for (int y = 0; y < kStripRows; ++y) out[y] = features_.row(first + y);
        net_.kernels_.convolve(view(net_.layers_[1]), pooled_.input(first),
                               divide_up(columns() + 2, kPhases), scratch_, out);
    }

    // Half a strip of pooled rows.
    void pool(int half) {
        const int first = kPooledRows * half, rows = level_.height - 2 - kStripRows * half;
        while (next_pixels_ <= half + 1) read(next_pixels_++);
        if (rows <= 0) return pooled_.clear(first, kPooledRows);
        float* const out[kPooledRows] = {pooled_.row(first), pooled_.row(first + 1)};
        net_.kernels_.pool(view(net_.layers_[0]), pixels_.input(kStripRows * half),
                           {std::min(rows, kStripRows), level_.width - 2}, tiles_, scratch_, out);
    }

    void read(int strip) {
        const int first = kStripRows * strip;
        const int rows = std::clamp(level_.height - first, 0, kStripRows);
        if (rows < kStripRows) pixels_.clear(first, kStripRows);
        if (rows == 0) return;
        source_.read(first, rows, pitch_, pixels_.row(first));
    }

    const PNet& net_;
    LevelSize level_;
    PixelRows& source_;
    int tiles_;  // of the pooled rows, which have most
    std::ptrdiff_t pitch_;
    Ring pixels_, pooled_, features_;
    float* scratch_;
    simd::CellRows cells_;
    int next_pixels_, next_pooled_, next_features_;  // strips and halves of them
};

PNet::PNet(Layers layers) : kernels_(simd::kernels().pnet), layers_(std::move(layers)) {
    layers_[0].kernel = transform_columns(layers_[0], simd::kPoolBlock);
    for (int i : {1, 2}) layers_[i].kernel = transform_both(layers_[i], kernels_.channel_block);
}

void PNet::cells(const float* pixels, LevelSize level, Workspace& workspace, float* out) const {
    ArrayRows source(pixels, level);
    Sweep sweep(*this, level, 0, source, workspace);
    const int rows = cells_over(level.height), columns = sweep.columns();
    for (int first = 0; first < rows; first += kStripRows) {
        const simd::CellRows strip = sweep.cells(first / kStripRows, logit(0));
        for (int value = 0; value < simd::kCellValues; ++value)
            for (int y = first; y < std::min(first + kStripRows, rows); ++y)
                std::copy_n(strip.values + value * strip.plane + (y - first) * strip.row, columns,
                            out + (std::ptrdiff_t{value} * rows + y) * columns);
    }
}

void PNet::propose(const Source& source, LevelSize level, int first_cell_row, int cell_rows,
                   double threshold, Workspace& workspace, Candidates& found) const {
    LevelRows rows(source, level, workspace.rows, workspace.columns,
                   workspace.lines.reserve(simd::lines_size(source.pixels.width)));
    const int first_strip = first_cell_row / kStripRows, end = first_cell_row + cell_rows;
    Sweep sweep(*this, level, first_strip, rows, workspace);
    const double scale_x = level.width / (source.side * source.width);
    const double scale_y = level.height / (source.side * source.height);
    for (int strip = first_strip; strip * kStripRows < end; ++strip) {
        const simd::CellRows cells = sweep.cells(strip, logit(threshold));
        const int top = strip * kStripRows;
        const int first = std::max(top, first_cell_row), last = std::min(top + kStripRows, end);
        append_candidates({cells.values + (first - top) * cells.row, last - first, sweep.columns(),
                           cells.plane, cells.row, kStride * first, scale_x, scale_y},
                          threshold, found);
    }
}

}  // namespace mtcnn
