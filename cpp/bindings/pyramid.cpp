// The image pyramid: sizes of levels, halves of an image, rows of a level.
#include "core/pyramid.hpp"

#include <pybind11/stl.h>

#include <utility>
#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/definitions.hpp"
#include "bindings/gil.hpp"
#include "core/halves.hpp"

namespace mtcnn::bindings {
namespace {

std::vector<std::pair<int, int>> bind_pyramid(std::int64_t height, std::int64_t width,
                                              double min_face_size, double scale_factor,
                                              double max_face_size) {
    check_size(height, width, "image");
    check(min_face_size >= kCell, "min_face_size: less than P-Net's cell of 12 pixels");
    check(scale_factor > 0 && scale_factor <= kMostScaleFactor,
          "scale_factor: not above 0 and up to 0.99");
    check(!std::isnan(max_face_size), "max_face_size: not a number");
    std::vector<std::pair<int, int>> levels;
    for (const LevelSize level : pyramid(static_cast<int>(height), static_cast<int>(width),
                                         min_face_size, scale_factor, max_face_size))
        levels.emplace_back(level.height, level.width);
    return levels;
}

// An image, its halves, and the array that owns the image's pixels.
struct BoundHalves {
    py::array_t<std::uint8_t> image;
    Halves halves;

    BoundHalves(const py::array_t<std::uint8_t>& image, bool bgr, const std::vector<Level>& levels)
        : image(image) {
        const ImageView pixels = view(image, bgr);
        std::vector<LevelSize> sizes;
        for (const Level& level : levels) sizes.push_back(level_size(level));
        const ReleasedGil released;
        ThreadPool alone(1);
        halves.assign(pixels, sizes, alone);
    }
};

Array<float> resized(const Source& source, LevelSize size, std::int64_t first_row,
                     std::int64_t count) {
    check_rows(first_row, count, size.height);
    Array<float> out({std::int64_t{3}, count, std::int64_t{size.width}});
    float* to = out.mutable_data();
    const ReleasedGil released;
    resize(source, size, static_cast<int>(first_row), static_cast<int>(count), to);
    return out;
}

Array<float> resize_image(const py::array_t<std::uint8_t>& image, bool bgr, const Level& level,
                          std::int64_t first_row, std::int64_t count) {
    return resized(source_of(view(image, bgr)), level_size(level), first_row, count);
}

Array<float> resize_halves(Initialized<BoundHalves> from, const Level& level,
                           std::int64_t first_row, std::int64_t count) {
    const LevelSize size = level_size(level);
    return resized(from->halves.source(size), size, first_row, count);
}

}  // namespace

void define_pyramid(py::module_& module) {
    using namespace py::literals;
    module.attr("CELL") = kCell;
    module.attr("STRIDE") = kStride;
    module.def(
        "check_size",
        [](std::int64_t height, std::int64_t width) { check_size(height, width, "image"); },
        "height"_a, "width"_a,
        "Validates the size of an image; raises ValueError if it has no pixels, a side above\n"
        "2^24 pixels, or more than 2^31 - 1 pixels.");
    module.def("pyramid", bind_pyramid, "height"_a, "width"_a, "min_face_size"_a, "scale_factor"_a,
               "max_face_size"_a,
               "Returns (height, width) of the levels of an image, largest first (section 2.1): "
               "those at\nscales 12 / min_face_size * scale_factor^k, while the shorter side is "
               ">= 12 and the face size\n12 / scale is <= max_face_size.");
    py::class_<BoundHalves>(
        module, "Halves",
        "Holds an image and the same halved as often as its levels need. A level is averaged from\n"
        "the smallest of these that has three times its height and width. A mean of 2 x 2 pixels\n"
        "is rounded to a whole number, one half up.")
        .def(py::init<const py::array_t<std::uint8_t>&, bool, const std::vector<Level>&>(),
             as_is("image"), "bgr"_a, "levels"_a,
             "Halves an image (H, W, 3) uint8, rows at any distance, for levels (height, width).");
    module.def("resize", resize_halves, "halves"_a, "level"_a, "first_row"_a, "rows"_a,
               "Returns rows [first_row, first_row + rows) of the level of size (height, width): "
               "(3, rows, width)\nfloat32, planar RGB, 0 to 255. Each pixel is the mean of the "
               "image, or of a half of it, over the\narea that it covers.");
    module.def("resize", resize_image, as_is("image"), "bgr"_a, "level"_a, "first_row"_a, "rows"_a,
               "Returns the same, always of the image (H, W, 3) uint8 itself.");
}

}  // namespace mtcnn::bindings
