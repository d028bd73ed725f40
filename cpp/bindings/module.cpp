// What knows Python: this file and bindings/. They check shapes and dtypes, release the GIL and
// call the core.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <type_traits>
#include <utility>

#include "bindings/arrays.hpp"
#include "bindings/networks.hpp"
#include "core/calibration.hpp"
#include "core/candidates.hpp"
#include "core/crops.hpp"
#include "core/halves.hpp"
#include "base/image.hpp"
#include "core/nms.hpp"
#include "core/lender.hpp"
#include "core/pyramid.hpp"
#include "simd/dispatch.hpp"

using namespace mtcnn;
using namespace mtcnn::bindings;

namespace {

// Applies `apply(i)` to every row of a new array of this shape, without the GIL.
template <typename Row, typename Apply>
Array<float> for_each(const Shape& shape, const Apply& apply) {
    Array<float> out(shape);
    Row* row = mutable_rows<Row>(out);
    const std::size_t count = static_cast<std::size_t>(out.size()) * sizeof(float) / sizeof(Row);
    py::gil_scoped_release release;
    for (std::size_t i = 0; i < count; ++i) row[i] = apply(i);
    return out;
}

std::vector<std::pair<int, int>> bind_pyramid(int height, int width, double min_face_size,
                                              double scale_factor, double max_face_size) {
    check(min_face_size >= kCell, "min_face_size: less than P-Net's cell of 12 pixels");
    check(scale_factor > 0 && scale_factor < 1, "scale_factor: not between 0 and 1");
    std::vector<std::pair<int, int>> levels;
    for (const LevelSize level : pyramid(height, width, min_face_size, scale_factor, max_face_size))
        levels.emplace_back(level.height, level.width);
    return levels;
}

// An image, its halves, and the array that has the image.
struct BoundHalves {
    py::array_t<std::uint8_t> image;
    Halves halves;

    BoundHalves(const py::array_t<std::uint8_t>& image, bool bgr,
                const std::vector<std::pair<int, int>>& levels)
        : image(image) {
        const ImageView pixels = view(image, bgr);
        const std::vector<LevelSize> sizes = level_sizes(levels);
        py::gil_scoped_release release;
        halves.assign(pixels, sizes);
    }
};

Array<float> resized(const Source& source, LevelSize size, int first_row, int count) {
    check(first_row >= 0 && count > 0 && count <= size.height - first_row,
          "rows: not in the level");
    Array<float> out({3, count, size.width});
    float* to = out.mutable_data();
    py::gil_scoped_release release;
    resize(source, size, first_row, count, to);
    return out;
}

Array<float> bind_resize(const py::array_t<std::uint8_t>& image, bool bgr,
                         std::pair<int, int> level, int first_row, int count) {
    return resized(source_of(view(image, bgr)), level_size(level), first_row, count);
}

Array<float> bind_resize_from(const BoundHalves& from, std::pair<int, int> level, int first_row,
                              int count) {
    const LevelSize size = level_size(level);
    return resized(from.halves.source(size), size, first_row, count);
}

py::tuple bind_candidates(const Array<float>& cells, double threshold, int first_row,
                          std::pair<double, double> scale) {
    check(cells, "cells", {5, kAny, kAny});
    const Cells input = {cells.data(),
                         static_cast<int>(cells.shape(1)),
                         static_cast<int>(cells.shape(2)),
                         cells.shape(1) * cells.shape(2),
                         cells.shape(2),
                         first_row,
                         scale.second,
                         scale.first};
    Candidates found;
    {
        py::gil_scoped_release release;
        append_candidates(input, threshold, found);
    }
    return to_arrays(std::move(found));
}

py::tuple bind_accept(const Array<float>& outputs, double threshold) {
    check(outputs, "outputs", {kAny, kAny});
    check(outputs.shape(1) > 0, "outputs: has no columns");
    py::array_t<std::int64_t> indices(outputs.shape(0));
    py::array_t<float> scores(outputs.shape(0));
    std::int64_t* to_indices = indices.mutable_data();
    float* to_scores = scores.mutable_data();
    std::size_t accepted = 0;
    {
        py::gil_scoped_release release;
        accepted =
            accept(outputs.data(), static_cast<std::size_t>(outputs.shape(0)),
                   static_cast<std::size_t>(outputs.shape(1)), threshold, to_indices, to_scores);
    }
    shorten(indices, accepted);
    shorten(scores, accepted);
    return py::make_tuple(indices, scores);
}

Array<float> bind_calibrate(const Array<float>& boxes, const Array<float>& regressions) {
    check(boxes, "boxes", {kAny, 4});
    check(regressions, "regressions", {boxes.shape(0), 4});
    const Box* box = rows<Box>(boxes);
    const Regression* move = rows<Regression>(regressions);
    return for_each<Box>(shape_of(boxes),
                         [&](std::size_t i) { return calibrate(box[i], move[i]); });
}

Array<float> bind_square(const Array<float>& boxes) {
    check(boxes, "boxes", {kAny, 4});
    const Box* box = rows<Box>(boxes);
    return for_each<Box>(shape_of(boxes), [&](std::size_t i) { return square(box[i]); });
}

Array<float> bind_clip(const Array<float>& boxes, int height, int width) {
    check(boxes, "boxes", {kAny, 4});
    check(height >= 0 && width >= 0, "height, width: less than 0");
    const Box* box = rows<Box>(boxes);
    return for_each<Box>(shape_of(boxes),
                         [&](std::size_t i) { return clip(box[i], height, width); });
}

Array<float> bind_place(const Array<float>& boxes, const Array<float>& landmarks) {
    check(boxes, "boxes", {kAny, 4});
    check(landmarks, "landmarks", {boxes.shape(0), kAny, 2});
    const Box* box = rows<Box>(boxes);
    const Point* point = rows<Point>(landmarks);
    const auto per_box = static_cast<std::size_t>(landmarks.shape(1));
    return for_each<Point>(shape_of(landmarks),
                           [&](std::size_t i) { return place(box[i / per_box], point[i]); });
}

// Suppressions, and memory of as many as there ever were at a time.
class BoundNms {
  public:
    py::array_t<std::int64_t> run(const Array<float>& boxes, const Array<float>& scores,
                                  double threshold, const std::string& over) {
        check(boxes, "boxes", {kAny, 4});
        check(scores, "scores", {boxes.shape(0)});
        check(threshold >= 0 && threshold <= 1, "threshold: not between 0 and 1");
        check(over == "union" || over == "smaller", "over: neither 'union' nor 'smaller'");
        const Overlap overlap = over == "union" ? Overlap::kUnion : Overlap::kSmaller;
        const auto count = static_cast<std::size_t>(boxes.shape(0));
        py::array_t<std::int64_t> kept(boxes.shape(0));
        std::int64_t* to = kept.mutable_data();
        std::size_t found = 0;
        {
            py::gil_scoped_release release;
            found = idle_.with([&](Nms& nms) {
                return nms.run(rows<Box>(boxes), scores.data(), count, threshold, overlap, to);
            });
        }
        shorten(kept, found);
        return kept;
    }

  private:
    Lender<Nms> idle_;
};

void bind_crops(const py::array_t<std::uint8_t>& image, bool bgr, const Array<float>& boxes,
                Array<float>& out) {
    const ImageView pixels = view(image, bgr);
    check(boxes, "boxes", {kAny, 4});
    check(out, "out", {boxes.shape(0), 3, kAny, kAny});
    check(out.shape(2) == out.shape(3), "out: not square");
    float* to = out.mutable_data();
    py::gil_scoped_release release;
    crops(pixels, rows<Box>(boxes), static_cast<std::size_t>(boxes.shape(0)),
          static_cast<int>(out.shape(2)), to);
}

std::vector<std::string> isas() {
    std::vector<std::string> names;
    for (const simd::Kernels* set : simd::available()) names.emplace_back(set->isa);
    return names;
}

}  // namespace

PYBIND11_MODULE(_native, module, py::mod_gil_not_used()) {
    try {
        simd::choose();
    } catch (const std::runtime_error& error) {
        throw py::import_error(error.what());
    }
    using namespace py::literals;
    // Where a copy would go unnoticed: of a frame, of what is to be filled.
    const auto as_is = [](const char* name) { return py::arg(name).noconvert(); };

    module.attr("CELL") = kCell;
    module.attr("STRIDE") = kStride;
    module.def("isa", [] { return simd::kernels().isa; });
    module.def("isas", isas);
    module.def("pyramid", bind_pyramid, "height"_a, "width"_a, "min_face_size"_a, "scale_factor"_a,
               "max_face_size"_a);
    py::class_<BoundHalves>(module, "Halves")
        .def(py::init<const py::array_t<std::uint8_t>&, bool,
                      const std::vector<std::pair<int, int>>&>(),
             as_is("image"), "bgr"_a, "levels"_a);
    module.def("resize", bind_resize_from, "halves"_a, "level"_a, "first_row"_a, "rows"_a);
    module.def("resize", bind_resize, as_is("image"), "bgr"_a, "level"_a, "first_row"_a, "rows"_a);
    module.def("candidates", bind_candidates, "cells"_a, "threshold"_a, "first_row"_a, "scale"_a);
    module.def("accept", bind_accept, "outputs"_a, "threshold"_a);
    module.def("calibrate", bind_calibrate, "boxes"_a, "regressions"_a);
    module.def("square", bind_square, "boxes"_a);
    module.def("clip", bind_clip, "boxes"_a, "height"_a, "width"_a);
    module.def("place", bind_place, "boxes"_a, "landmarks"_a);
    module.def("crops", bind_crops, as_is("image"), "bgr"_a, "boxes"_a, as_is("out"));
    py::class_<BoundNms>(module, "Nms")
        .def(py::init())
        .def("__call__", &BoundNms::run, "boxes"_a, "scores"_a, "threshold"_a, "over"_a = "union");
    define_pnet(module);
    define_crop_networks(module);
    define_engine(module);
}
