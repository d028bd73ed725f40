// Checks of all arguments that Python gives: nothing that passes them makes the core overflow a
// number, divide by 0, or read or write outside an array. Those that fail throw py::value_error,
// which names the argument.
#pragma once
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include "base/box.hpp"
#include "core/networks/pnet.hpp"
#include "core/pyramid.hpp"

namespace mtcnn::bindings {

namespace py = pybind11;

using Shape = std::vector<py::ssize_t>;
constexpr py::ssize_t kAny = -1;  // a side of any length

// Limits of an image and of a level. float32, of which boxes consist, has every whole number up to
// kMostSide; the core counts pixels, and three values of each pixel of a row, in an int.
constexpr std::int64_t kMostSide = 1 << 24;
constexpr std::int64_t kMostPixels = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMostBoxes = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMostThreads = 1024;
constexpr double kLeastScale = 1e-9, kMostScale = 1e9;
constexpr double kMostScaleFactor = 0.99;  // 1,400 levels at most

inline void check(bool holds, const std::string& message) {
    if (!holds) throw py::value_error(message);
}

inline void check(bool holds, const char* message) {
    if (!holds) throw py::value_error(message);
}

// Returns a shape as messages show it: (N, 4).
inline std::string text(const Shape& shape) {
    std::string text = "(";
    for (py::ssize_t side : shape) text += (side == kAny ? "N" : std::to_string(side)) + ", ";
    return text.substr(0, std::max<std::size_t>(text.size(), 3) - 2) + ")";
}

inline Shape shape_of(const py::array& array) {
    return Shape(array.shape(), array.shape() + array.ndim());
}

inline void check(const py::array& array, const std::string& name, const Shape& expected) {
    const Shape shape = shape_of(array);
    bool fits = shape.size() == expected.size();
    for (std::size_t i = 0; fits && i < shape.size(); ++i)
        fits = expected[i] == kAny || shape[i] == expected[i];
    if (!fits)
        throw py::value_error(name + ": expected shape " + text(expected) + ", not " + text(shape));
}

// Boxes, regressions or rows of scores; their number has room in the core's indices.
inline void check_boxes(const py::array& array, const char* name, const Shape& expected) {
    check(array, name, expected);
    if (array.shape(0) > kMostBoxes)
        throw py::value_error(std::string(name) + ": more than " + std::to_string(kMostBoxes));
}

// Checks the memory of an array that is to be filled. Others are copied where they are not aligned.
template <typename T>
void check_aligned(const py::array_t<T, py::array::c_style>& array, const char* name) {
    const auto address = reinterpret_cast<std::uintptr_t>(array.data());
    if (address % alignof(T) != 0)
        throw py::value_error(std::string(name) + ": its memory is not aligned");
}

inline void check_finite(const float* values, std::size_t count, const std::string& name) {
    const bool finite =
        std::all_of(values, values + count, [](float x) { return std::isfinite(x); });
    if (!finite) throw py::value_error(name + ": has values that are not finite numbers");
}

// Checks a height and a width in pixels, of an image or a level.
inline void check_size(std::int64_t height, std::int64_t width, const char* name) {
    check(height > 0 && width > 0, std::string(name) + ": has no pixels");
    const auto fail = [&](std::int64_t most, const char* of_what) {
        throw py::value_error(std::string(name) + ": " + std::to_string(height) + " x " +
                              std::to_string(width) + " pixels (height x width) is too large: " +
                              of_what + " has at most " + std::to_string(most) + " pixels");
    };
    if (height > kMostSide || width > kMostSide) fail(kMostSide, "a side");
    if (height * width > kMostPixels) fail(kMostPixels, "the whole");
}

// Returns the size of a level of the pyramid from (height, width).
using Level = std::pair<std::int64_t, std::int64_t>;
inline LevelSize level_size(const Level& level, const char* name = "level") {
    check_size(level.first, level.second, name);
    return {static_cast<int>(level.first), static_cast<int>(level.second)};
}

// Returns the size of a level that P-Net sees.
inline LevelSize level_with_cells(const Level& level, const char* name = "level") {
    const LevelSize size = level_size(level, name);
    check(size.height >= PNet::kLeastSide && size.width >= PNet::kLeastSide,
          std::string(name) + ": smaller than 11 x 11");
    return size;
}

// Checks that rows [first, first + count) are in [0, all).
inline void check_rows(std::int64_t first, std::int64_t count, std::int64_t all) {
    check(first >= 0 && first < all && count > 0 && count <= all - first, "rows: not in the level");
}

// Checks a probability, or a share of an area.
inline void check_threshold(double threshold) {
    check(threshold >= 0 && threshold <= 1, "threshold: not between 0 and 1");
}

// Returns the area that an overlap divides by.
inline Overlap to_overlap(const std::string& over) {
    check(over == "union" || over == "smaller", "over: neither 'union' nor 'smaller'");
    return over == "union" ? Overlap::kUnion : Overlap::kSmaller;
}

// Returns the area that an NMS with this threshold divides by.
inline Overlap to_overlap(double threshold, const std::string& over) {
    check_threshold(threshold);
    return to_overlap(over);
}

// An argument `self`, or another object of a class of the module, whose __init__ was called:
// pybind11 alone takes memory that nothing initialized for an object of T.__new__(T).
template <typename T>
struct Initialized {
    T& object;
    T* operator->() const { return &object; }
};

}  // namespace mtcnn::bindings

template <typename T>
struct pybind11::detail::type_caster<mtcnn::bindings::Initialized<T>> {
    static constexpr auto name = make_caster<T>::name;
    template <typename>
    using cast_op_type = mtcnn::bindings::Initialized<T>;

    bool load(handle from, bool convert) {
        if (!isinstance<T>(from)) return false;
        auto* instance = reinterpret_cast<detail::instance*>(from.ptr());
        if (!instance->get_value_and_holder(get_type_info(typeid(T))).holder_constructed())
            throw value_error("__init__ of the object was not called");
        return object_.load(from, convert);
    }
    operator mtcnn::bindings::Initialized<T>() { return {static_cast<T&>(object_)}; }

  private:
    make_caster<T> object_;
};
