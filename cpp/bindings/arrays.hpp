// NumPy's arrays as the core wants them: their shapes checked, their memory as it is.
#pragma once
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>
#include <vector>

#include "core/box.hpp"
#include "core/image.hpp"

namespace mtcnn {

namespace py = pybind11;

template <typename T>
using Array = py::array_t<T, py::array::c_style>;
using Shape = std::vector<py::ssize_t>;
constexpr py::ssize_t kAny = -1;

inline std::string text(const Shape& shape) {
    std::string text = "(";
    for (py::ssize_t side : shape) text += (side == kAny ? "N" : std::to_string(side)) + ", ";
    return text.substr(0, text.size() - 2) + ")";
}

inline Shape shape_of(const py::array& array) {
    return Shape(array.shape(), array.shape() + array.ndim());
}

inline void check(const py::array& array, const char* name, const Shape& expected) {
    const Shape shape = shape_of(array);
    bool fits = shape.size() == expected.size();
    for (std::size_t i = 0; fits && i < shape.size(); ++i)
        fits = expected[i] == kAny || shape[i] == expected[i];
    if (!fits)
        throw py::value_error(std::string(name) + ": expected shape " + text(expected) + ", not " +
                              text(shape));
}

inline void check(bool holds, const char* message) {
    if (!holds) throw py::value_error(message);
}

// The arrays are (N, 4) and (N, 2) float32: their rows are these structs.
static_assert(sizeof(Box) == 16 && sizeof(Regression) == 16 && sizeof(Point) == 8);

template <typename Row>
const Row* rows(const Array<float>& array) {
    return reinterpret_cast<const Row*>(array.data());
}

template <typename Row>
Row* mutable_rows(Array<float>& array) {
    return reinterpret_cast<Row*>(array.mutable_data());
}

inline ImageView view(const py::array_t<std::uint8_t>& image, bool bgr) {
    check(image, "image", {kAny, kAny, 3});
    check(image.size() > 0, "image: has no pixels");
    check(image.strides(1) == 3 && image.strides(2) == 1,
          "image: pixels of a row must be adjacent");
    return {image.data(), static_cast<int>(image.shape(0)), static_cast<int>(image.shape(1)),
            image.strides(0), bgr};
}

}  // namespace mtcnn
