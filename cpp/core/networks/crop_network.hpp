// R-Net and O-Net (figure 2 of the paper): what a crop of the image shows.
#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "core/crops.hpp"
#include "core/networks/packing.hpp"

namespace mtcnn {

// Convolutions of 3 x 3, each with a PReLU and a max pooling that rounds up; one of 2 x 2 with a
// PReLU; two dense layers, with a PReLU between them.
struct CropArchitecture {
    struct Convolution {
        int outputs, inputs, side;
        int window;  // of the max pooling, whose stride is 2; 0: none
    };
    struct Dense {
        int outputs, inputs;
    };

    const char* name;
    int side;  // of the input, three planes of RGB, 0 to 255
    std::vector<Convolution> convolutions;
    std::array<Dense, 2> dense;
};

extern const CropArchitecture kRNet, kONet;

struct CropLayers {
    std::vector<Convolution> convolutions;
    std::array<Dense, 2> dense;
};

// What a thread needs to run any of the networks.
struct CropWorkspace {
    Cropper cropper;
    Scratch kernel;        // for the kernels
    Scratch wide, narrow;  // a layer reads one of them and writes the other
    Scratch group;         // the maps of several crops
};

// Immutable: threads share it, each with its own workspace. What it says of a crop does not depend,
// not in a bit, on the other crops of the call.
class CropNetwork {
  public:
    CropNetwork(const CropArchitecture& architecture, const CropLayers& layers);

    int side() const { return side_; }
    int outputs() const { return outputs_; }  // face logit, box regression, landmarks

    // crops (count, 3, side, side) -> outputs (count, outputs()).
    void run(const float* crops, std::size_t count, CropWorkspace& workspace, float* outputs) const;

    // The same of boxes of an image, cut as in core/crops.hpp.
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

        // Images (count, side, side, inputs) -> (count, convolved(), convolved(), channels).
        const float* convolve(const float* images, int count, CropWorkspace& workspace) const;
        // The maxima of those -> (count, pooled(), pooled(), channels).
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
