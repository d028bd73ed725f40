// Converts between NumPy arrays and the types of the core.
#pragma once
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/box.hpp"
#include "base/image.hpp"
#include "bindings/checks.hpp"
#include "core/candidates.hpp"

namespace mtcnn::bindings {

// Arguments that are not contiguous or not aligned are copied, except where as_is forbids it.
template <typename T>
using Array =
    py::array_t<T, int{py::array::c_style} | int{py::detail::npy_api::NPY_ARRAY_ALIGNED_}>;

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
    check_size(image.shape(0), image.shape(1), "image");
    // NumPy gives the only row, or column, of an array any stride.
    check((image.shape(1) == 1 || image.strides(1) == 3) && image.strides(2) == 1,
          "image: pixels of a row must be adjacent");
    return {image.data(), static_cast<int>(image.shape(0)), static_cast<int>(image.shape(1)),
            image.shape(0) == 1 ? 0 : image.strides(0), bgr};
}

// Shortens an array, which nobody else has yet, to its first elements.
template <typename T>
void shorten(py::array_t<T>& array, std::size_t count) {
    array.resize({static_cast<py::ssize_t>(count)}, false);
}

// Returns a vector's memory as an array, (N,) or (N, members of T), without a copy.
template <typename Scalar, typename T>
py::array_t<Scalar> to_array(std::vector<T>&& values) {
    auto owned = std::make_unique<std::vector<T>>(std::move(values));
    const py::capsule free(owned.get(), [](void* p) { delete static_cast<std::vector<T>*>(p); });
    const std::vector<T>& kept = *owned.release();  // the capsule has it
    const auto* data = reinterpret_cast<const Scalar*>(kept.data());
    const auto count = static_cast<py::ssize_t>(kept.size());
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
