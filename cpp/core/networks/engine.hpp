// The three networks of a cascade, and the threads that run them.
#pragma once
#include <cstddef>
#include <vector>

#include "core/candidates.hpp"
#include "core/halves.hpp"
#include "base/image.hpp"
#include "core/networks/crop_network.hpp"
#include "core/networks/pnet.hpp"
#include "core/lender.hpp"
#include "core/pyramid.hpp"
#include "core/thread_pool.hpp"

namespace mtcnn {

// May be used from several threads. No bit of a result depends on the number of threads.
class Engine {
  public:
    Engine(PNet pnet, CropNetwork rnet, CropNetwork onet, int threads);

    // Some rows of cells of a level, and P-Net's candidates in them.
    struct Part {
        std::size_t level;
        int first_row, rows;
        Candidates found;
    };

    // The candidates of all levels, in order: parts of a level lie side by side, from top to
    // bottom. The vector may have been used before, so that nothing need be allocated.
    void propose(const ImageView& image, const std::vector<LevelSize>& levels, double threshold,
                 std::vector<Part>& parts);

    // What R-Net and O-Net say of boxes of the image: (count, outputs of the network).
    void refine(const ImageView& image, const Box* boxes, std::size_t count, float* outputs);
    void output(const ImageView& image, const Box* boxes, std::size_t count, float* outputs);

    const CropNetwork& rnet() const { return rnet_; }
    const CropNetwork& onet() const { return onet_; }

  private:
    void cut(const std::vector<LevelSize>& levels, std::vector<Part>& parts) const;
    void look(const CropNetwork& network, const ImageView& image, const Box* boxes,
              std::size_t count, float* outputs);

    PNet pnet_;
    CropNetwork rnet_, onet_;
    ThreadPool threads_;
    Lender<Halves> halves_;
    Lender<PNet::Workspace> pnet_workspaces_;
    Lender<CropWorkspace> crop_workspaces_;
};

}  // namespace mtcnn
