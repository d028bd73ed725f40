#include "kernels/table.hpp"

#include "kernels/pnet/blocking.hpp"

#define MTCNN_TEXT(name) MTCNN_QUOTE(name)
#define MTCNN_QUOTE(name) #name

namespace mtcnn::simd::MTCNN_ISA {

const Kernels kernels = {MTCNN_TEXT(MTCNN_ISA),
                         resample,
                         halve,
                         overlaps,
                         convolve_crop,
                         convolve,
                         max_pool,
                         dense,
                         {kChannelBlock, kScratch, pool, convolve_rows, cells, pool_pairs,
                          convolve_pairs, cells_of_pairs},
                         planes_to_bgr,
                         bgr_to_planes};

}  // namespace mtcnn::simd::MTCNN_ISA
