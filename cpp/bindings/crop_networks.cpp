#include "bindings/definitions.hpp"
#include "bindings/gil.hpp"
#include "bindings/layers.hpp"
#include "core/lender.hpp"
#include "core/networks/crop_network.hpp"
#include "core/per_process.hpp"

namespace mtcnn::bindings {
namespace {

// R-Net or O-Net: a class for each, which Python sees under its own name. Keeps the memory of as
// many calls as there ever were at a time.
template <const CropArchitecture& kArchitecture>
class BoundNetwork {
  public:
    explicit BoundNetwork(const Layers& layers) : network_(make(layers)) {}

    Array<float> run(const Array<float>& crops) {
        check_boxes(crops, "crops", {kAny, 3, network_.side(), network_.side()});
        const float* from = crops.data();
        return outputs(crops.shape(0), [&](std::size_t count, CropWorkspace& workspace, float* to) {
            network_.run(from, count, workspace, to);
        });
    }

    Array<float> classify(const py::array_t<std::uint8_t>& image, bool bgr,
                          const Array<float>& boxes) {
        const ImageView pixels = view(image, bgr);
        check_boxes(boxes, "boxes", {kAny, 4});
        const Box* box = rows<Box>(boxes);
        return outputs(boxes.shape(0), [&](std::size_t count, CropWorkspace& workspace, float* to) {
            network_.classify(pixels, box, count, workspace, to);
        });
    }

  private:
    static CropNetwork make(const Layers& layers) {
        Arena arena;
        return to_crop_network(kArchitecture, layers, arena);
    }

    // Returns (count, outputs), filled by fill(count, workspace, outputs) without the GIL.
    template <typename Fill>
    Array<float> outputs(py::ssize_t count, const Fill& fill) {
        Array<float> out({count, py::ssize_t{network_.outputs()}});
        float* to = out.mutable_data();
        const ReleasedGil released;
        workspaces_.get().with([&](CropWorkspace& workspace) {
            fill(static_cast<std::size_t>(count), workspace, to);
        });
        return out;
    }

    CropNetwork network_;
    PerProcess<Lender<CropWorkspace>> workspaces_;
};

template <const CropArchitecture& kArchitecture>
void define(py::module_& module, const char* name, const char* doc) {
    using namespace py::literals;
    using Network = BoundNetwork<kArchitecture>;
    py::class_<Network>(module, name, doc)
        .def(py::init<const Layers&>(), "layers"_a,
             "Takes the layers in the order of figure 2 of the paper: the kernel, (outputs,\n"
             "inputs, side, side) or (outputs, inputs), the bias and, but for the last, the\n"
             "slopes of the PReLU, all float32.")
        .def(
            "run",
            [](Initialized<Network> self, const Array<float>& crops) { return self->run(crops); },
            "crops"_a,
            "Returns the outputs of crops (N, 3, side, side) float32, planar RGB, 0 to 255.")
        .def(
            "classify",
            [](Initialized<Network> self, const py::array_t<std::uint8_t>& image, bool bgr,
               const Array<float>& boxes) { return self->classify(image, bgr, boxes); },
            as_is("image"), "bgr"_a, "boxes"_a,
            "Returns the outputs of the crops of an image's boxes (N, 4): crops and run in one.");
}

}  // namespace

void define_crop_networks(py::module_& module) {
    define<kRNet>(module, "RNet",
                  "Refines boxes: the second network, of crops of 24 x 24 pixels. Its outputs are "
                  "(N, 5) float32:\nthe face logit and the box regression. Those of a crop do not "
                  "depend on the other crops of the\ncall. May be used from several threads.");
    define<kONet>(
        module, "ONet",
        "Outputs faces: the third network, of crops of 48 x 48 pixels. Its outputs are "
        "(N, 15) float32:\nthe face logit, the box regression and the landmarks x1 y1 ... "
        "x5 y5. Else it is like RNet.");
}

}  // namespace mtcnn::bindings
