#include "core/networks/pnet.hpp"

#include "bindings/definitions.hpp"
#include "bindings/gil.hpp"
#include "bindings/layers.hpp"
#include "core/lender.hpp"
#include "core/per_process.hpp"

namespace mtcnn::bindings {
namespace {

// Holds the network and the memory of as many calls as there ever were at a time.
struct BoundPNet {
    PNet net;
    PerProcess<Lender<PNet::Workspace>> workspaces;

    BoundPNet(const Layers& layers, const std::optional<Statistics>& statistics, bool integers)
        : net(to_pnet(layers, statistics, integers)) {}
};

Array<float> cells(Initialized<BoundPNet> self, const Array<float>& pixels) {
    check(pixels, "pixels", {3, kAny, kAny});
    const LevelSize size = level_with_cells({pixels.shape(1), pixels.shape(2)}, "pixels");
    Array<float> out(
        {simd::kCellValues, PNet::cells_over(size.height), PNet::cells_over(size.width)});
    float* to = out.mutable_data();
    const ReleasedGil released;
    self->workspaces.get().with(
        [&](PNet::Workspace& workspace) { self->net.cells(pixels.data(), size, workspace, to); });
    return out;
}

py::tuple propose(Initialized<BoundPNet> self, const py::array_t<std::uint8_t>& image, bool bgr,
                  const Level& level, double threshold, std::int64_t first_row,
                  std::optional<std::int64_t> rows) {
    const ImageView pixels = view(image, bgr);
    const LevelSize size = level_with_cells(level);
    check_threshold(threshold);
    const int all = PNet::cells_over(size.height);
    check(first_row >= 0 && first_row < all, "first_row: not in the level");
    const std::int64_t count = rows.value_or(all - first_row);
    check_rows(first_row, count, all);
    Candidates found;
    {
        const ReleasedGil released;
        self->workspaces.get().with([&](PNet::Workspace& workspace) {
            self->net.propose(source_of(pixels), size, static_cast<int>(first_row),
                              static_cast<int>(count), threshold, workspace, found);
        });
    }
    return to_arrays(std::move(found));
}

}  // namespace

void define_pnet(py::module_& module) {
    using namespace py::literals;
    py::class_<BoundPNet>(module, "PNet",
                          "Proposes faces: the first network, in floats or in integers of 16 bits, "
                          "which need statistics.\nMay be used from several threads.")
        .def(
            py::init<const Layers&, const std::optional<Statistics>&, bool>(), "layers"_a,
            "statistics"_a = py::none(), "integers"_a = false,
            "Takes the layers in the order of figure 2 of the paper: the kernel (outputs, inputs,\n"
            "side, side), the bias and, but for the last, the slopes of the PReLU, all float32.\n\n"
            "statistics: as mtcnn_rt._layers.FeatureStatistics.")
        .def("cells", &cells, "pixels"_a,
             "Returns the face logit and the regression of every cell, (5, rows, columns) float32, "
             "of pixels\n(3, H, W) float32, planar RGB, 0 to 255, both sides >= 11.")
        .def(
            "propose", &propose, as_is("image"), "bgr"_a, "level"_a, "threshold"_a,
            "first_row"_a = 0, "rows"_a = py::none(),
            "Returns boxes (N, 4), scores (N,) and regressions (N, 4), float32: the candidates of\n"
            "the cells of the level (height, width) that resize makes of the image (H, W, 3) "
            "uint8\n"
            "itself, or of some of their rows, but for rounding.");
}

}  // namespace mtcnn::bindings
