// P-Net (figure 2 of the paper). It goes from pixels to cells a few rows at a time, so that all
// features stay in the cache.
#pragma once
#include <array>
#include <optional>
#include <utility>
#include <variant>

#include "base/image.hpp"
#include "core/candidates.hpp"
#include "core/networks/pnet_layers.hpp"
#include "core/pyramid.hpp"
#include "core/resample.hpp"
#include "core/scratch.hpp"
#include "simd/kernels.hpp"

namespace mtcnn {

class PNet {
  public:
    // Returns the number of rows or columns of cells over kLeastSide pixels or more.
    static constexpr int cells_over(int pixels) { return (pixels - 1) / kStride - 4; }
    static constexpr int kLeastSide = 11;

    // Outputs, inputs and side of the convolutions. The first one takes pixels from 0 to 255.
    struct Shape {
        int outputs, inputs, side;
    };
    static constexpr std::array<Shape, 4> kShapes = {
        {{simd::kPooledChannels, 3, 3},
         {simd::kFeatureChannels, simd::kPooledChannels, 3},
         {32, simd::kFeatureChannels, 3},
         {simd::kCellValues, 32, 1}}};
    using Layers = PNetConvolutions;

    // Statistics of the features in photographs: their limits after the first and the second layer,
    // and the means of the third layer's sums.
    struct Statistics {
        std::array<Limits, 2> limits;
        SumMeans means;
    };

    // The memory of one thread, which later calls use again.
    struct Workspace {
        Workspace() = default;
        explicit Workspace(Arena& arena)
            : pixels(arena),
              pooled(arena),
              features(arena),
              cells(arena),
              scratch(arena),
              lines(arena) {}

        Scratch pixels, pooled, features, cells, scratch, lines;
        AxisWeights rows, columns;
    };

    // Computes in floats. Proposals take longer without statistics.
    PNet(Layers layers, const std::optional<Statistics>& statistics);
    // Returns a network that computes in integers.
    static PNet in_integers(const Layers& layers, const Statistics& statistics);

    // Fills out (5, rows, columns), the face logit and the regression of every cell, from pixels
    // (3, height, width), planar RGB, 0 to 255.
    void cells(const float* pixels, LevelSize level, Workspace& workspace, float* out) const;

    // Appends the candidates of some rows of cells of a level, as append_candidates does. They are
    // the same, to the bit, however the rows are cut into calls. A call takes the time of about
    // three rows more than it has, so that calls with many rows are faster.
    void propose(const Source& source, LevelSize level, int first_cell_row, int cell_rows,
                 double threshold, Workspace& workspace, Candidates& found) const;

  private:
    explicit PNet(IntegerLayers layers) : layers_(std::move(layers)) {}

    std::variant<FloatLayers, IntegerLayers> layers_;
};

}  // namespace mtcnn
