#include "core/overlaps.hpp"

#include <limits>

namespace mtcnn {
namespace {

// Unlike std::max and std::min, these return NaN if either is NaN.
double larger(double a, double b) { return a >= b || a != a ? a : b; }
double smaller(double a, double b) { return a <= b || a != a ? a : b; }

double area(double width, double height) { return larger(width, 0) * larger(height, 0); }

double area(const ExactBox& box) { return area(box.x2 - box.x1, box.y2 - box.y1); }

}  // namespace

double overlap_of(const ExactBox& a, const ExactBox& b, Overlap over) {
    const double area_a = area(a), area_b = area(b);
    const double common =
        area(smaller(a.x2, b.x2) - larger(a.x1, b.x1), smaller(a.y2, b.y2) - larger(a.y1, b.y1));
    const double whole =
        over == Overlap::kSmaller ? smaller(area_a, area_b) : area_a + area_b - common;
    return common / larger(whole, std::numeric_limits<double>::min());
}

void write_overlaps(const ExactBox* first, std::size_t first_count, const ExactBox* second,
                    std::size_t second_count, Overlap over, double* to) {
    for (std::size_t i = 0; i < first_count; ++i)
        for (std::size_t j = 0; j < second_count; ++j)
            *to++ = overlap_of(first[i], second[j], over);
}

}  // namespace mtcnn
