// The fully connected layers of R-Net and O-Net.
#include "kernels/crop/flags.hpp"
#include "kernels/product.hpp"
#include "kernels/table.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

// Computes kRows rows of kPanels panels, from `panel` on.
template <int kRows, int kPanels>
void dense_block(const float* in, const Layer& layer, int panel, float* out) {
    constexpr int kVectors = kPanels * kPanelVectors;
    const std::ptrdiff_t panel_stride = std::ptrdiff_t{kPanel} * layer.inputs;
    const int first = panel * kPanel;
    Vector sums[kRows][kVectors];
    multiply({in, layer.inputs, layer.weights + panel * panel_stride, panel_stride}, layer.inputs,
             sums);
    for_sums(sums, [&](int row, int in_panel, Vector sum) {
        const int channel = first + in_panel;
        store(out + row * layer.channels() + channel,
              prelu(sum + load<Vector>(layer.bias + channel), load<Vector>(layer.bends + channel)));
    });
}

// Computes all rows, kPanels panels at a time, and returns the first panel that is left. The
// weights of a panel are read from memory only once.
template <int kPanels>
int dense_panels(const float* in, int rows, const Layer& layer, int panel, float* out) {
    constexpr int kMostRows = block_rows(kPanels);
    for (; panel + kPanels <= layer.panels; panel += kPanels)
        for_parts(rows, kMostRows, [&](int first, int size) {
            with_constant<kMostRows>(size, [&](auto block) {
                dense_block<block.value, kPanels>(in + std::ptrdiff_t{first} * layer.inputs, layer,
                                                  panel, out + first * layer.channels());
            });
        });
    return panel;
}

}  // namespace

void dense(const float* in, int rows, const Layer& layer, float* out) {
    int panel = 0;
    // With few rows, several panels at a time keep the multipliers busy.
    if constexpr (block_rows(4) > 0)
        if (rows <= block_rows(4)) panel = dense_panels<4>(in, rows, layer, panel, out);
    if (rows <= block_rows(2) || kBlockPanels == 2)
        panel = dense_panels<2>(in, rows, layer, panel, out);
    dense_panels<1>(in, rows, layer, panel, out);
}

}  // namespace mtcnn::simd::MTCNN_ISA
