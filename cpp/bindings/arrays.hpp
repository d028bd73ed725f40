// Converts between NumPy arrays and the types of the core, and checks shapes.
#pragma once
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/box.hpp"
#include "base/image.hpp"
#include "core/candidates.hpp"
#include "core/pyramid.hpp"

namespace mtcnn::bindings {

namespace py = pybind11;

template <typename T>
using Array = py::array_t<T, py::array::c_style>;
using Shape = std::vector<py::ssize_t>;
constexpr py::ssize_t kAny = -1;  // a side of any length

// Returns a shape as messages show it: (N, 4).
inline std::string text(const Shape& shape) {
    std::string text = "(";
    for (py::ssize_t side : shape) text += (side == kAny ? "N" : std::to_string(side)) + ", ";
    return text.substr(0, text.size() - 2) + ")";
}

inline Shape shape_of(const py::array& array) {
    return Shape(array.shape(), array.shape() + array.ndim());
}

// Throws py::value_error, which names the array, if its shape is not the expected one.
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

// Boxes and regressions are (N, 4), points (N, 2) float32: the rows of arrays are these structs.
static_assert(sizeof(Box) == 16 && sizeof(Regression) == 16 && sizeof(Point) == 8);

// Return an array's rows as structs.
template <typename Row>
const Row* rows(const Array<float>& array) {
    return reinterpret_cast<const Row*>(array.data());
}

template <typename Row>
Row* mutable_rows(Array<float>& array) {
    return reinterpret_cast<Row*>(array.mutable_data());
}

// Returns a view of an image (H, W, 3), rows at any distance; throws py::value_error if it is none.
inline ImageView view(const py::array_t<std::uint8_t>& image, bool bgr) {
    check(image, "image", {kAny, kAny, 3});
    check(image.size() > 0, "image: has no pixels");
    check(image.strides(1) == 3 && image.strides(2) == 1,
          "image: pixels of a row must be adjacent");
    return {image.data(), static_cast<int>(image.shape(0)), static_cast<int>(image.shape(1)),
            image.strides(0), bgr};
}

// Returns the size of a level of the pyramid from (height, width).
inline LevelSize level_size(std::pair<int, int> level) {
    check(level.first > 0 && level.second > 0, "level: has no pixels");
    return {level.first, level.second};
}

inline std::vector<LevelSize> level_sizes(const std::vector<std::pair<int, int>>& levels) {
    std::vector<LevelSize> sizes;
    for (const auto& level : levels) sizes.push_back(level_size(level));
    return sizes;
}

// Shortens an array, which nobody else has yet, to its first elements.
template <typename T>
void shorten(py::array_t<T>& array, std::size_t count) {
    array.resize({static_cast<py::ssize_t>(count)}, false);
}

// Returns a vector's memory as an array, (N,) or (N, members of T), without a copy.
template <typename Scalar, typename T>
py::array_t<Scalar> to_array(std::vector<T>&& values) {
    auto* owned = new std::vector<T>(std::move(values));
    py::capsule free(owned, [](void* p) { delete static_cast<std::vector<T>*>(p); });
    const auto* data = reinterpret_cast<const Scalar*>(owned->data());
    const auto count = static_cast<py::ssize_t>(owned->size());
    if constexpr (sizeof(T) == sizeof(Scalar))
        return py::array_t<Scalar>({count}, data, free);
    else
        return py::array_t<Scalar>({count, py::ssize_t{sizeof(T) / sizeof(Scalar)}}, data, free);
}

// Returns boxes (N, 4), scores (N,) and regressions (N, 4), float32.
inline py::tuple to_arrays(Candidates&& found) {
    return py::make_tuple(to_array<float>(std::move(found.boxes)),
                          to_array<float>(std::move(found.scores)),
                          to_array<float>(std::move(found.regressions)));
}

}  // namespace mtcnn::bindings
