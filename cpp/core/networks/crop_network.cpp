#include "core/networks/crop_network.hpp"

#include <algorithm>

#include "simd/dispatch.hpp"

namespace mtcnn {

const CropArchitecture kRNet = {
    "R-Net", 24, {{28, 3, 3, 3}, {48, 28, 3, 3}, {64, 48, 2, 0}}, {{{128, 576}, {5, 128}}}};
const CropArchitecture kONet = {"O-Net",
                                48,
                                {{32, 3, 3, 3}, {64, 32, 3, 3}, {64, 64, 3, 2}, {128, 64, 2, 0}},
                                {{{256, 1152}, {15, 256}}}};

namespace {

// Crops that the later layers take at a time. The first two convolutions take one, so that its maps
// stay in the cache; the layers after them have more weights than maps.
constexpr std::size_t kGroup = 16;

void dense(const float* in, int rows, const PackedLayer& layer, float* out) {
    simd::kernels().dense(in, rows, layer.view(), out);
}

}  // namespace

CropNetwork::CropNetwork(const CropArchitecture& architecture, const CropLayers& layers,
                         Arena& arena)
    : side_(architecture.side), outputs_(architecture.dense.back().outputs) {
    int side = side_;
    for (std::size_t i = 0; i < layers.convolutions.size(); ++i) {
        const Convolution& layer = layers.convolutions[i];
        stages_.push_back(
            {i == 0 ? pack_crop(layer, arena) : pack_tiles(layer, side - layer.side + 1, arena),
             side, layer.side, architecture.convolutions[i].window});
        side = stages_.back().pooled();
    }
    dense_ = {pack_dense(layers.dense[0], side * side, arena),
              pack_dense(layers.dense[1], 1, arena)};
}

void CropNetwork::run(const float* crops, std::size_t count, CropWorkspace& workspace,
                      float* outputs) const {
    const std::size_t size = std::size_t{3} * side_ * side_;
    run_groups(count, workspace, outputs, [&](std::size_t i) { return crops + i * size; });
}

void CropNetwork::classify(const ImageView& image, const Box* boxes, std::size_t count,
                           CropWorkspace& workspace, float* outputs) const {
    const std::size_t size = std::size_t{3} * side_ * side_;
    run_groups(count, workspace, outputs, [&](std::size_t i) {
        float* crop = workspace.wide.reserve(size);
        workspace.cropper.crop(image, boxes[i], side_, crop);
        return crop;
    });
}

template <typename GetCrop>
void CropNetwork::run_groups(std::size_t count, CropWorkspace& workspace, float* outputs,
                             const GetCrop& get_crop) const {
    const std::size_t size = stages_[1].pooled_size();
    float* maps = workspace.group.reserve(std::min(count, kGroup) * size);
    for (std::size_t first = 0; first < count; first += kGroup) {
        const std::size_t group = std::min(count - first, kGroup);
        for (std::size_t i = 0; i < group; ++i)
            begin(get_crop(first + i), workspace, maps + i * size);
        finish(static_cast<int>(group), maps, workspace, outputs + first * outputs_);
    }
}

// Runs the first two convolutions on one crop.
void CropNetwork::begin(const float* crop, CropWorkspace& workspace, float* maps) const {
    const Stage& first = stages_[0];
    float* scratch = workspace.kernel.reserve(simd::crop_scratch(side_, first.layer.panels));
    float* pooled = workspace.narrow.reserve(first.pooled_size());
    simd::kernels().convolve_crop(crop, side_, first.layer.view(), scratch, pooled);
    stages_[1].pool(stages_[1].convolve(pooled, 1, workspace), 1, maps);
}

// Runs the other layers on the crops of a group.
void CropNetwork::finish(int count, const float* maps, CropWorkspace& workspace,
                         float* outputs) const {
    for (std::size_t i = 2; i < stages_.size(); ++i) {
        const float* convolved = stages_[i].convolve(maps, count, workspace);
        if (stages_[i].window == 0) {
            maps = convolved;
            continue;
        }
        float* pooled = workspace.narrow.reserve(count * stages_[i].pooled_size());
        stages_[i].pool(convolved, count, pooled);
        maps = pooled;
    }
    float* hidden = workspace.narrow.reserve(std::size_t(count) * dense_[0].channels());
    dense(maps, count, dense_[0], hidden);
    float* columns = workspace.wide.reserve(std::size_t(count) * dense_[1].channels());
    dense(hidden, count, dense_[1], columns);
    for (int i = 0; i < count; ++i, columns += dense_[1].channels(), outputs += outputs_)
        std::copy_n(columns, outputs_, outputs);
}

const float* CropNetwork::Stage::convolve(const float* images, int count,
                                          CropWorkspace& workspace) const {
    const std::size_t pixels = std::size_t{1} * convolved() * convolved();
    float* scratch = workspace.kernel.reserve(simd::tile_scratch(convolved(), taps, layer.inputs));
    float* out = workspace.wide.reserve(count * pixels * layer.channels());
    simd::kernels().convolve(images, count, side, taps, layer.view(), scratch, out);
    return out;
}

void CropNetwork::Stage::pool(const float* convolved, int count, float* out) const {
    simd::kernels().max_pool(convolved, count, this->convolved(), layer.channels(), window, out);
}

}  // namespace mtcnn
