#include "core/planes.hpp"

#include <algorithm>
#include <cmath>

#include "simd/dispatch.hpp"

namespace mtcnn {
namespace {

constexpr int kChannels = 3;

std::uint8_t* at(const Plane& plane, int row, int column) {
    return plane.values + row * plane.row_stride + column;
}

int nearest(double value) { return static_cast<int>(std::lround(value)); }

std::int16_t coefficient(double value) { return static_cast<std::int16_t>(nearest(value)); }

}  // namespace

simd::ColorMatrix color_matrix(double red, double blue, bool full_range) {
    const double green = 1 - red - blue;
    const double black = full_range ? 0 : 16;
    const double luma = full_range ? 1 : 255. / 219, chroma = full_range ? 1 : 255. / 224;
    constexpr double kUnits = 65536. / simd::kDifferenceUnits;
    const double of_blue = 2 * (1 - blue) * chroma, of_red = 2 * (1 - red) * chroma;
    simd::ColorMatrix matrix = {};
    matrix.luma = coefficient(luma * kUnits);
    matrix.black = coefficient(black);
    matrix.blue_u = coefficient(of_blue * kUnits);
    matrix.green_u = coefficient(-of_blue * blue / green * kUnits);
    matrix.green_v = coefficient(-of_red * red / green * kUnits);
    matrix.red_v = coefficient(of_red * kUnits);
    const auto fill = [](std::int32_t (&weights)[4], double of_blue, double of_green, double of_red,
                         double offset) {
        const double values[] = {of_blue, of_green, of_red, offset + 0.5};
        for (int i = 0; i < 4; ++i) weights[i] = nearest(values[i] * simd::kPlaneUnits);
    };
    fill(matrix.to_luma, blue / luma, green / luma, red / luma, black);
    fill(matrix.to_u, (1 - blue) / of_blue, -green / of_blue, -red / of_blue, 128);
    fill(matrix.to_v, -blue / of_red, -green / of_red, (1 - red) / of_red, 128);
    return matrix;
}

Area with_chroma(Area area, const PlanesView& planes) {
    return {area.top / 2 * 2, std::min(planes.height, (area.bottom + 1) / 2 * 2), area.left / 2 * 2,
            std::min(planes.width, (area.right + 1) / 2 * 2)};
}

void to_bgr(const PlanesView& planes, const simd::ColorMatrix& matrix, Area area, int step,
            std::uint8_t* image, std::ptrdiff_t row_stride) {
    const int left = area.left / 2 * 2;
    for (int y = area.top; y < area.bottom; y += step) {
        const simd::PlanarRow row = {at(planes.luma, y, left), at(planes.u, y / 2, left / 2),
                                     at(planes.v, y / 2, left / 2)};
        simd::kernels().planes_to_bgr(row, matrix, area.right - left,
                                      image + y * row_stride + kChannels * left);
    }
}

void from_bgr(const std::uint8_t* image, std::ptrdiff_t row_stride, const simd::ColorMatrix& matrix,
              Area area, const PlanesView& planes) {
    for (int y = area.top; y < area.bottom; y += 2) {
        const int next = std::min(y + 1, planes.height - 1);
        const std::uint8_t* const bgr[2] = {image + y * row_stride + kChannels * area.left,
                                            image + next * row_stride + kChannels * area.left};
        const simd::PlanarRowPair rows = {
            {at(planes.luma, y, area.left), at(planes.luma, next, area.left)},
            at(planes.u, y / 2, area.left / 2),
            at(planes.v, y / 2, area.left / 2)};
        simd::kernels().bgr_to_planes(bgr, matrix, area.right - area.left, rows);
    }
}

}  // namespace mtcnn
