#include "core/candidates.hpp"

#include <cmath>

#include "core/pyramid.hpp"
#include "core/score.hpp"

namespace mtcnn {
namespace {

// Returns the area of the image that a cell covers. The authors count pixels from 1 and scale these
// numbers: the cell covers pixels x + 1 to x + 12 of the level, hence (x + 1) / scale to
// (x + 12) / scale of the image. (They then drop the fractions.)
Box cell_box(const Cells& cells, int row, int column) {
    const double x = kStride * column, y = cells.first_row + kStride * row;
    return {static_cast<float>((x + 1) / cells.scale_x - 1),
            static_cast<float>((y + 1) / cells.scale_y - 1),
            static_cast<float>((x + kCell) / cells.scale_x),
            static_cast<float>((y + kCell) / cells.scale_y)};
}

// Returns true if `count` values, `step` apart, may be a regression and landmarks. One of a million
// widths, or one that is not a number, comes from a broken network; without these every later box
// has a place.
bool plausible(const float* values, std::ptrdiff_t count, std::ptrdiff_t step) {
    for (std::ptrdiff_t i = 0; i < count; ++i)
        if (!(std::abs(values[i * step]) < 1e6f)) return false;
    return true;
}

}  // namespace

void append_candidates(const Cells& cells, double threshold, Candidates& found) {
    const std::ptrdiff_t plane = cells.plane;
    const float least = logit(threshold);
    for (int row = 0; row < cells.rows; ++row) {
        for (int column = 0; column < cells.columns; ++column) {
            const float* cell = cells.values + row * cells.row_stride + column;
            if (!(*cell > least)) continue;
            if (!plausible(cell + plane, 4, plane)) continue;
            found.boxes.push_back(cell_box(cells, row, column));
            found.scores.push_back(probability(*cell));
            found.regressions.push_back(
                {cell[plane], cell[2 * plane], cell[3 * plane], cell[4 * plane]});
        }
    }
}

std::size_t accept(const float* outputs, std::size_t count, std::size_t columns, double threshold,
                   std::int64_t* indices, float* scores) {
    const float least = logit(threshold);
    const auto after_logit = static_cast<std::ptrdiff_t>(columns) - 1;
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < count; ++i, outputs += columns) {
        if (!(*outputs > least) || !plausible(outputs + 1, after_logit, 1)) continue;
        indices[accepted] = static_cast<std::int64_t>(i);
        scores[accepted++] = probability(*outputs);
    }
    return accepted;
}

}  // namespace mtcnn
