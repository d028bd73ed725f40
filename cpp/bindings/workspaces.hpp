// Workspaces for the threads that call into a network, kept from call to call.
#pragma once
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace mtcnn {

template <typename Workspace>
class Workspaces {
  public:
    // Calls use(workspace) with a workspace that no other thread has.
    template <typename Use>
    void with(const Use& use) {
        std::unique_ptr<Workspace> workspace = take();
        use(*workspace);
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(workspace));
    }

  private:
    std::unique_ptr<Workspace> take() {
        const std::lock_guard lock(mutex_);
        if (idle_.empty()) return std::make_unique<Workspace>();
        std::unique_ptr<Workspace> workspace = std::move(idle_.back());
        idle_.pop_back();
        return workspace;
    }

    std::mutex mutex_;
    std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace mtcnn
