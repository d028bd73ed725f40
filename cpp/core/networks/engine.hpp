// The networks of the cascade, and the threads that run them.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/image.hpp"
#include "core/candidates.hpp"
#include "core/halves.hpp"
#include "core/lender.hpp"
#include "core/networks/crop_network.hpp"
#include "core/networks/pnet.hpp"
#include "core/pyramid.hpp"
#include "core/thread_pool.hpp"

namespace mtcnn {

// What engines share. L-Net and C-Net are O-Nets with weights of their own, which some models have.
struct Networks {
    PNet pnet;
    CropNetwork rnet, onet;
    std::optional<CropNetwork> lnet, cnet;
};

// Runs the networks. May be used from several threads. No bit of a result depends on the number of
// threads.
class Engine {
  public:
    // Starts the threads; throws std::runtime_error as ThreadPool does.
    Engine(std::shared_ptr<const Networks> networks, int threads);

    // Some rows of cells of a level, given by its index, and P-Net's candidates in them.
    struct Part {
        std::size_t level;
        int first_row, rows;
        Candidates found;
    };

    // Finds the candidates of all levels, in order: the parts of a level follow one another, from
    // top to bottom. Uses the memory of `parts`, so that a later call allocates nothing.
    void propose(const ImageView& image, const std::vector<LevelSize>& levels, double threshold,
                 std::vector<Part>& parts);

    // Fills outputs (count, outputs of the network) with what one of the networks that see crops
    // gives for boxes of the image.
    void classify(const CropNetwork& network, const ImageView& image, const Box* boxes,
                  std::size_t count, float* outputs);

  private:
    void cut(const std::vector<LevelSize>& levels, std::vector<Part>& parts) const;

    static constexpr std::size_t kBlock = std::size_t{512} << 10;  // floats of an arena: 2 MB

    // The memory of a thread: for images of up to about 2000 columns a block has room for it.
    struct Workspaces {
        Arena arena{kBlock};
        PNet::Workspace pnet{arena};
        CropWorkspace crop{arena};
    };
    // The memory of a call.
    struct SharedHalves {
        Arena arena{kBlock};
        Halves halves{arena};
    };

    std::shared_ptr<const Networks> networks_;
    ThreadPool threads_;
    Lender<SharedHalves> halves_;
    Lender<Workspaces> workspaces_;
};

}  // namespace mtcnn
