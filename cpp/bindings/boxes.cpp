// Changes of boxes between the networks, and landmarks of boxes.
#include "bindings/arrays.hpp"
#include "bindings/definitions.hpp"
#include "bindings/gil.hpp"
#include "core/calibration.hpp"

namespace mtcnn::bindings {
namespace {

// Returns a new array of this shape, filled by apply(row) without the GIL.
template <typename Row, typename Apply>
Array<float> for_each(const Shape& shape, const Apply& apply) {
    Array<float> out(shape);
    Row* row = mutable_rows<Row>(out);
    const std::size_t count = static_cast<std::size_t>(out.size()) * sizeof(float) / sizeof(Row);
    const ReleasedGil released;
    for (std::size_t i = 0; i < count; ++i) row[i] = apply(i);
    return out;
}

Array<float> bind_calibrate(const Array<float>& boxes, const Array<float>& regressions) {
    check_boxes(boxes, "boxes", {kAny, 4});
    check(regressions, "regressions", {boxes.shape(0), 4});
    const Box* box = rows<Box>(boxes);
    const Regression* move = rows<Regression>(regressions);
    return for_each<Box>(shape_of(boxes),
                         [&](std::size_t i) { return calibrate(box[i], move[i]); });
}

Array<float> bind_square(const Array<float>& boxes, double scale) {
    check_boxes(boxes, "boxes", {kAny, 4});
    const Box* box = rows<Box>(boxes);
    return for_each<Box>(shape_of(boxes),
                         [&](std::size_t i) { return resized(square(box[i]), scale); });
}

Array<float> bind_clip(const Array<float>& boxes, std::int64_t height, std::int64_t width) {
    check_boxes(boxes, "boxes", {kAny, 4});
    check(height >= 0 && width >= 0, "height, width: less than 0");
    check(height <= kMostSide && width <= kMostSide, "height, width: more than 16777216");
    const Box* box = rows<Box>(boxes);
    return for_each<Box>(shape_of(boxes), [&](std::size_t i) {
        return clip(box[i], static_cast<int>(height), static_cast<int>(width));
    });
}

Array<float> bind_place(const Array<float>& boxes, const Array<float>& landmarks) {
    check_boxes(boxes, "boxes", {kAny, 4});
    check(landmarks, "landmarks", {boxes.shape(0), kAny, 2});
    const Box* box = rows<Box>(boxes);
    const Point* point = rows<Point>(landmarks);
    const auto per_box = static_cast<std::size_t>(landmarks.shape(1));
    return for_each<Point>(shape_of(landmarks),
                           [&](std::size_t i) { return place(box[i / per_box], point[i]); });
}

}  // namespace

void define_boxes(py::module_& module) {
    using namespace py::literals;
    module.def("calibrate", bind_calibrate, "boxes"_a, "regressions"_a,
               "Returns boxes (N, 4) float32 with every side moved by the regression (N, 4) "
               "float32, which is in\nwidths and heights of the box.");
    module.def(
        "square", bind_square, "boxes"_a, "scale"_a = 1.,
        "Returns the squares (N, 4) float32 about the centers of boxes (N, 4) whose sides are "
        "`scale` times the\nlonger sides of the boxes.");
    module.def("clip", bind_clip, "boxes"_a, "height"_a, "width"_a,
               "Returns boxes (N, 4) float32 with their sides moved into an image of this size.");
    module.def("place", bind_place, "boxes"_a, "landmarks"_a,
               "Returns landmarks (N, 5, 2) float32 in pixels of the image, from landmarks in "
               "widths and heights\nof their box (N, 4).");
}

}  // namespace mtcnn::bindings
