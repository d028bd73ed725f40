// The kernels of one instruction set, which table.cpp puts into its table. simd/kernels.hpp and
// simd/pnet.hpp describe them.
#pragma once
#include "kernels/flags.hpp"
#include "simd/kernels.hpp"

namespace mtcnn::simd::MTCNN_ISA {

void resample(const ImageView& image, Axis rows, Axis columns, float* lines,
              const PlanarLayout& layout, float* out);
void halve(const std::uint8_t* top, const std::uint8_t* bottom, int width, std::uint8_t* out);
void planes_to_bgr(const PlanarRow& row, const ColorMatrix& matrix, int width, std::uint8_t* out);
void bgr_to_planes(const std::uint8_t* const (&bgr)[2], const ColorMatrix& matrix, int width,
                   const PlanarRowPair& rows);
bool overlaps(const BoxBlock& block, const Box& box, float threshold, Overlap over);
void convolve_crop(const float* crop, int side, const Layer& layer, float* scratch, float* out);
void convolve(const float* images, int count, int side, int taps, const Layer& layer,
              float* scratch, float* out);
void max_pool(const float* images, int count, int side, int channels, int window, float* out);
void dense(const float* in, int rows, const Layer& layer, float* out);

void pool(const PackedConvolution& layer, const InputRows& in, const PoolingEdge& edge, int tiles,
          float* scratch, float* const* out);
void convolve_rows(const PackedConvolution& layer, const InputRows& in, int tiles, float* scratch,
                   float* const* out);
void cells(const CellLayers& layers, const InputRows& in, const CellArea& area, float least,
           float* scratch, const CellRows& out);
void pool_pairs(const IntegerConvolution& layer, const InputRows& in, const PoolingEdge& edge,
                int tiles, Pair* scratch, Pair* const* out);
void convolve_pairs(const IntegerConvolution& layer, const PairRows& in, int tiles, Pair* scratch,
                    Pair* const* out);
void cells_of_pairs(const IntegerConvolution& layer, const IntegerHead& head, const PairRows& in,
                    int tiles, float least, Pair* scratch, const CellRows& out);

extern const Kernels kernels;

}  // namespace mtcnn::simd::MTCNN_ISA
