// Crops of an image.
#include "core/crops.hpp"

#include "bindings/arrays.hpp"
#include "bindings/definitions.hpp"
#include "bindings/gil.hpp"

namespace mtcnn::bindings {
namespace {

void bind_crops(const py::array_t<std::uint8_t>& image, bool bgr, const Array<float>& boxes,
                py::array_t<float, py::array::c_style>& out) {
    const ImageView pixels = view(image, bgr);
    check_boxes(boxes, "boxes", {kAny, 4});
    check(out, "out", {boxes.shape(0), 3, kAny, kAny});
    check(out.shape(2) == out.shape(3), "out: not square");
    check_size(out.shape(2), out.shape(3), "out");
    check_aligned(out, "out");
    float* to = out.mutable_data();
    const ReleasedGil released;
    crops(pixels, rows<Box>(boxes), static_cast<std::size_t>(boxes.shape(0)),
          static_cast<int>(out.shape(2)), to);
}

}  // namespace

void define_crops(py::module_& module) {
    using namespace py::literals;
    module.def("crops", bind_crops, as_is("image"), "bgr"_a, "boxes"_a, as_is("out"),
               "Fills out (N, 3, size, size) float32, planar RGB, 0 to 255, with the areas of the "
               "image (H, W, 3)\nuint8 that the boxes (N, 4) cover, resized by area averaging; "
               "black outside the image.");
}

}  // namespace mtcnn::bindings
