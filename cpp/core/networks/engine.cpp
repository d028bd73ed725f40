#include "core/networks/engine.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace mtcnn {
namespace {

// Strips of cells in a part of a level, at least: a part costs one more than it has.
constexpr int kLeastStrips = 4;
// Crops in a part, at least: each part reads all weights of a network, which takes O-Net almost as
// long as a crop takes.
constexpr int kLeastCrops = 4;

std::int64_t divide_up(std::int64_t amount, std::int64_t by) { return (amount + by - 1) / by; }

// Levels may have more cells together than an int counts.
std::int64_t cells_of(LevelSize level) {
    return std::int64_t{PNet::cells_over(level.height)} * PNet::cells_over(level.width);
}

void clear(Candidates& found) {
    found.boxes.clear();
    found.scores.clear();
    found.regressions.clear();
}

}  // namespace

Engine::Engine(std::shared_ptr<const Networks> networks, int threads)
    : networks_(std::move(networks)), threads_(threads) {}

void Engine::propose(const ImageView& image, const std::vector<LevelSize>& levels, double threshold,
                     std::vector<Part>& parts) {
    cut(levels, parts);
    halves_.with([&](SharedHalves& shared) {
        Halves& halves = shared.halves;
        halves.assign(image, levels, threads_);
        threads_.run(static_cast<int>(parts.size()), [&](int i) {
            Part& part = parts[i];
            const LevelSize level = levels[part.level];
            workspaces_.with([&](Workspaces& workspaces) {
                networks_->pnet.propose(halves.source(level), level, part.first_row, part.rows,
                                        threshold, workspaces.pnet, part.found);
            });
        });
    });
}

// Cuts the levels into parts of about the same number of cells; one thread takes whole levels.
void Engine::cut(const std::vector<LevelSize>& levels, std::vector<Part>& parts) const {
    std::int64_t all = 0;
    for (const LevelSize level : levels) all += cells_of(level);
    const std::int64_t share = divide_up(all, ThreadPool::kPartsPerThread * threads_.threads());

    std::size_t count = 0;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const int rows = PNet::cells_over(levels[i].height);
        const auto cuts = threads_.threads() == 1 ? 1 : divide_up(cells_of(levels[i]), share);
        const std::int64_t strips = divide_up(divide_up(rows, simd::kStripRows), cuts);
        const int step = simd::kStripRows * std::max(kLeastStrips, static_cast<int>(strips));
        for (int first = 0; first < rows; first += step) {
            if (++count > parts.size()) parts.emplace_back();
            Part& part = parts[count - 1];
            part.level = i;
            part.first_row = first;
            part.rows = std::min(step, rows - first);
            clear(part.found);
        }
    }
    parts.resize(count);
}

void Engine::classify(const CropNetwork& network, const ImageView& image, const Box* boxes,
                      std::size_t count, float* outputs) {
    // The sizes of parts differ by one at most.
    const auto parts =
        static_cast<std::size_t>(threads_.parts(static_cast<std::int64_t>(count), kLeastCrops));
    const auto begin = [&](std::size_t part) { return part * count / parts; };
    threads_.run(static_cast<int>(parts), [&](int part) {
        const std::size_t first = begin(part);
        workspaces_.with([&](Workspaces& workspaces) {
            network.classify(image, boxes + first, begin(part + 1) - first, workspaces.crop,
                             outputs + first * network.outputs());
        });
    });
}

}  // namespace mtcnn
