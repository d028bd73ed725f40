// Luma and chroma of a decoder's frame, parts of it as BGR, and back.
#include "core/planes.hpp"

#include <algorithm>
#include <vector>

#include "bindings/arrays.hpp"
#include "bindings/definitions.hpp"
#include "bindings/gil.hpp"

namespace mtcnn::bindings {
namespace {

using Bytes = py::array_t<std::uint8_t>;

constexpr double kLeastWeight = 0.01, kMostWeight = 0.49;
constexpr std::int64_t kMostStep = 1 << 24;

// Returns a view of a plane of a size; throws py::value_error if it is none or cannot be written.
Plane plane_of(Bytes& array, const char* name, py::ssize_t height, py::ssize_t width) {
    check(array, name, {height, width});
    check(width == 1 || array.strides(1) == 1,
          std::string(name) + ": values of a row must be adjacent");
    check(array.writeable(), std::string(name) + ": cannot be written");
    return {array.mutable_data(), height == 1 ? 0 : array.strides(0)};
}

// Planes, and the arrays that own them.
class BoundPlanes {
  public:
    BoundPlanes(const Bytes& luma, const Bytes& u, const Bytes& v, double red, double blue,
                bool full_range)
        : luma_(luma), u_(u), v_(v) {
        check(luma, "luma", {kAny, kAny});
        const py::ssize_t height = luma.shape(0), width = luma.shape(1);
        check_size(height, width, "luma");
        check(red >= kLeastWeight && red <= kMostWeight && blue >= kLeastWeight &&
                  blue <= kMostWeight,
              "weights: not between 0.01 and 0.49");
        view_ = {plane_of(luma_, "luma", height, width),
                 plane_of(u_, "u", (height + 1) / 2, (width + 1) / 2),
                 plane_of(v_, "v", (height + 1) / 2, (width + 1) / 2), static_cast<int>(height),
                 static_cast<int>(width)};
        matrix_ = color_matrix(red, blue, full_range);
    }

    void read(Bytes& image, std::int64_t x1, std::int64_t y1, std::int64_t x2, std::int64_t y2,
              std::int64_t step) const {
        check(step > 0 && step <= kMostStep, "step: not from 1 on");
        check(image.writeable(), "image: cannot be written");
        const ImageView pixels = view_of(image);
        const Area area = within(x1, y1, x2, y2);
        if (is_empty(area)) return;
        std::uint8_t* to = image.mutable_data();
        const ReleasedGil released;
        to_bgr(view_, matrix_, area, static_cast<int>(step), to, pixels.row_stride);
    }

    void write(const Bytes& image, std::int64_t x1, std::int64_t y1, std::int64_t x2,
               std::int64_t y2) const {
        const ImageView pixels = view_of(image);
        const Area area = within(x1, y1, x2, y2);
        if (is_empty(area)) return;
        const ReleasedGil released;
        from_bgr(pixels.pixels, pixels.row_stride, matrix_, with_chroma(area, view_), view_);
    }

  private:
    ImageView view_of(const Bytes& image) const {
        check(image, "image", {view_.height, view_.width, 3});
        return view(image, true);
    }

    Area within(std::int64_t x1, std::int64_t y1, std::int64_t x2, std::int64_t y2) const {
        const auto clamped = [](std::int64_t side, int length) {
            return static_cast<int>(std::clamp<std::int64_t>(side, 0, length));
        };
        return {clamped(y1, view_.height), clamped(y2, view_.height), clamped(x1, view_.width),
                clamped(x2, view_.width)};
    }

    static bool is_empty(Area area) { return area.top >= area.bottom || area.left >= area.right; }

    Bytes luma_, u_, v_;
    PlanesView view_;
    simd::ColorMatrix matrix_;
};

}  // namespace

void define_planes(py::module_& module) {
    using namespace py::literals;
    py::class_<BoundPlanes>(
        module, "Planes",
        "Holds a frame as a decoder gives it: luma (H, W), and chroma u and v (H / 2, W / 2),\n"
        "rounded up, uint8, rows at any distance.")
        .def(py::init<const Bytes&, const Bytes&, const Bytes&, double, double, bool>(),
             as_is("luma"), as_is("u"), as_is("v"), "red"_a, "blue"_a, "full_range"_a,
             "Takes planes, and the weights of red and blue in luma (ITU-T H.273). Luma is 0 to\n"
             "255 in the full range, else 16 to 235.")
        .def(
            "read",
            [](Initialized<BoundPlanes> planes, Bytes image, std::int64_t x1, std::int64_t y1,
               std::int64_t x2, std::int64_t y2,
               std::int64_t step) { planes->read(image, x1, y1, x2, y2, step); },
            as_is("image"), "x1"_a, "y1"_a, "x2"_a, "y2"_a, "step"_a = 1,
            "Fills the part [x1, x2) x [y1, y2) of an image (H, W, 3) uint8 BGR, every step-th row "
            "of it. Pixels\nto the left of an odd x1 may change, too.")
        .def(
            "write",
            [](Initialized<BoundPlanes> planes, const Bytes& image, std::int64_t x1,
               std::int64_t y1, std::int64_t x2,
               std::int64_t y2) { planes->write(image, x1, y1, x2, y2); },
            as_is("image"), "x1"_a, "y1"_a, "x2"_a, "y2"_a,
            "Gives a part of the planes the colors of an image (H, W, 3) uint8 BGR. The part grows "
            "to even borders,\nwithin the image. Values stay where `read` gives these colors, "
            "unless they stand for colors\nbeyond black or white.");
}

}  // namespace mtcnn::bindings
