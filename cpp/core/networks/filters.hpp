// G of Winograd's F(m, r), which turns the r taps of a filter into m + r - 1 factors;
// kernels/winograd.hpp has the other two matrices.
#pragma once

namespace mtcnn {

using Taps = double[3];

// F(2, 3), F(3, 3), F(4, 3) by the name of m.
constexpr Taps kFilters2[4] = {
    {1, 0, 0}, {1. / 2, 1. / 2, 1. / 2}, {1. / 2, -1. / 2, 1. / 2}, {0, 0, 1}};
constexpr Taps kFilters3Of2[4] = {
    {1, 0, 0}, {1. / 2, 1. / 2, 0}, {1. / 2, -1. / 2, 0}, {0, 1, 0}};  // F(3, 2)
constexpr Taps kFilters3[5] = {{1. / 2, 0, 0},
                               {-1. / 2, -1. / 2, -1. / 2},
                               {-1. / 6, 1. / 6, -1. / 6},
                               {1. / 6, 1. / 3, 2. / 3},
                               {0, 0, 1}};
constexpr Taps kFilters4[6] = {{1. / 4, 0, 0},
                               {-1. / 6, -1. / 6, -1. / 6},
                               {-1. / 6, 1. / 6, -1. / 6},
                               {1. / 24, 1. / 12, 1. / 6},
                               {1. / 24, -1. / 12, 1. / 6},
                               {0, 0, 1}};

}  // namespace mtcnn
