#include "bindings/layers.hpp"
#include "bindings/networks.hpp"
#include "core/networks/crop_network.hpp"
#include "core/lender.hpp"

namespace mtcnn::bindings {
namespace {

// A class for every architecture.
template <const CropArchitecture& kArchitecture>
class BoundNetwork {
  public:
    explicit BoundNetwork(const Layers& layers)
        : network_(to_crop_network(kArchitecture, layers)) {}

    Array<float> run(const Array<float>& crops) {
        check(crops, "crops", {kAny, 3, network_.side(), network_.side()});
        const float* from = crops.data();
        return outputs(crops.shape(0), [&](std::size_t count, CropWorkspace& workspace, float* to) {
            network_.run(from, count, workspace, to);
        });
    }

    Array<float> classify(const py::array_t<std::uint8_t>& image, bool bgr,
                          const Array<float>& boxes) {
        const ImageView pixels = view(image, bgr);
        check(boxes, "boxes", {kAny, 4});
        const Box* box = rows<Box>(boxes);
        return outputs(boxes.shape(0), [&](std::size_t count, CropWorkspace& workspace, float* to) {
            network_.classify(pixels, box, count, workspace, to);
        });
    }

  private:
    // (count, outputs), filled by fill(count, workspace, outputs) without the GIL.
    template <typename Fill>
    Array<float> outputs(py::ssize_t count, const Fill& fill) {
        Array<float> out({count, py::ssize_t{network_.outputs()}});
        float* to = out.mutable_data();
        py::gil_scoped_release release;
        workspaces_.with([&](CropWorkspace& workspace) {
            fill(static_cast<std::size_t>(count), workspace, to);
        });
        return out;
    }

    CropNetwork network_;
    Lender<CropWorkspace> workspaces_;
};

template <const CropArchitecture& kArchitecture>
void bind(py::module_& module, const char* name) {
    using namespace py::literals;
    using Network = BoundNetwork<kArchitecture>;
    py::class_<Network>(module, name)
        .def(py::init<const Layers&>(), "layers"_a)
        .def("run", &Network::run, "crops"_a)
        .def("classify", &Network::classify, py::arg("image").noconvert(), "bgr"_a, "boxes"_a);
}

}  // namespace

void define_crop_networks(py::module_& module) {
    bind<kRNet>(module, "RNet");
    bind<kONet>(module, "ONet");
}

}  // namespace mtcnn::bindings
