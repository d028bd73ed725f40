// P-Net's second layer in floats.
#include "kernels/pnet/convolution.hpp"

#include "kernels/table.hpp"

namespace mtcnn::simd::MTCNN_ISA {

void convolve_rows(const PackedConvolution& layer, const InputRows& in, int tiles, float* scratch,
                   float* const* out) {
    for_tiles(tiles, [&](int tile, auto count) {
        transform_input<Vector, count.value>(in, layer.inputs, tile, scratch);
        convolve_points<count.value>(layer, scratch, scratch + kPointsSize, in.pitch, out, tile);
    });
}

}  // namespace mtcnn::simd::MTCNN_ISA
