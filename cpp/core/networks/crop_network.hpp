// R-Net and O-Net (figure 2 of the paper), which see crops of the image.
#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "core/crops.hpp"
#include "core/networks/packing.hpp"
#include "core/scratch.hpp"

namespace mtcnn {

// The layers of a network: convolutions of 3 x 3, each with a PReLU and a max pooling that rounds
// up; one of 2 x 2 with a PReLU; two dense layers, with a PReLU between them.
struct CropArchitecture {
    struct Convolution {
        int outputs, inputs, side;
        int window;  // side of the max pooling's window, whose stride is 2; 0: no pooling
    };
    struct Dense {
        int outputs, inputs;
    };

    const char* name;
    int side;  // of the input (3, side, side), planar RGB, 0 to 255
    std::vector<Convolution> convolutions;
    std::array<Dense, 2> dense;
};

extern const CropArchitecture kRNet, kONet;

// The weights of a network.
struct CropLayers {
    std::vector<Convolution> convolutions;
    std::array<Dense, 2> dense;
};

// The memory of one thread that runs any of the networks.
struct CropWorkspace {
    CropWorkspace() = default;
    explicit CropWorkspace(Arena& arena)
        : kernel(arena), wide(arena), narrow(arena), group(arena) {}

    Cropper cropper;
    Scratch kernel;        // for the kernels
    Scratch wide, narrow;  // a layer reads one of them and writes the other
    Scratch group;         // the maps of several crops
};

// Runs R-Net or O-Net. Immutable: threads share it, each with its own workspace. The outputs of a
// crop do not depend, not in a bit, on the other crops of the call.
class CropNetwork {
  public:
    // The weights are in memory of the arena.
    CropNetwork(const CropArchitecture& architecture, const CropLayers& layers, Arena& arena);

    int side() const { return side_; }
    int outputs() const { return outputs_; }  // face logit, box regression, landmarks

    // Fills outputs (count, outputs()) from crops (count, 3, side, side), planar RGB, 0 to 255.
    void run(const float* crops, std::size_t count, CropWorkspace& workspace, float* outputs) const;

    // Fills outputs (count, outputs()) from boxes of an image, cut as in core/crops.hpp.
    void classify(const ImageView& image, const Box* boxes, std::size_t count,
                  CropWorkspace& workspace, float* outputs) const;

  private:
    // A convolution and the pooling after it, where there is one.
    struct Stage {
        PackedLayer layer;
        int side, taps, window;

        int convolved() const { return side - taps + 1; }
        int pooled() const { return window ? (convolved() - window + 1) / 2 + 1 : convolved(); }
        std::size_t pooled_size() const {
            return std::size_t{1} * pooled() * pooled() * layer.channels();
        }

        // Returns (count, convolved(), convolved(), channels), in the workspace, from images
        // (count, side, side, inputs).
        const float* convolve(const float* images, int count, CropWorkspace& workspace) const;
        // Fills out (count, pooled(), pooled(), channels) with the maxima of what convolve gives.
        void pool(const float* convolved, int count, float* out) const;
    };

    template <typename GetCrop>
    void run_groups(std::size_t count, CropWorkspace& workspace, float* outputs,
                    const GetCrop& get_crop) const;
    void begin(const float* crop, CropWorkspace& workspace, float* maps) const;
    void finish(int count, const float* maps, CropWorkspace& workspace, float* outputs) const;

    int side_, outputs_;
    std::vector<Stage> stages_;
    std::array<PackedLayer, 2> dense_;
};

}  // namespace mtcnn
