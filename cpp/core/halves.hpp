// An image and its halves, from which the levels of a pyramid are averaged: each half has half the
// height and the width of the one before it.
#pragma once
#include <cstdint>
#include <vector>

#include "base/image.hpp"
#include "core/scratch.hpp"
#include "core/thread_pool.hpp"

namespace mtcnn {

struct LevelSize {
    int height, width;  // pixels of the level
};

// Pixels from which levels are averaged: the image, or a half of it.
struct Source {
    ImageView pixels;
    int side;  // of one of these pixels, in pixels of the image
    // The image's size in these pixels. It is no whole number if the last pixels are partly outside
    // the image.
    double height, width;
};

// Returns the image itself as a source.
inline Source source_of(const ImageView& image) {
    return {image, 1, static_cast<double>(image.height), static_cast<double>(image.width)};
}

class Halves {
  public:
    Halves() = default;
    // Takes memory from an arena, which must outlive the halves.
    explicit Halves(Arena& arena) : arena_(&arena) {}

    // The least number of its source's pixels that a level's pixel covers along each axis. A
    // smaller source is faster: a quarter of the pixels takes a quarter of the time to read. With
    // two, average precision on the test photographs falls by 0.009; with three and four it is that
    // of the image itself, or a little above (docs/explanation/performance.md).
    static constexpr int kLeastCovered = 3;

    // Takes an image, which must outlive the use of the halves, and makes as many halves as the
    // levels need, in these threads. Allocates only when it must grow.
    void assign(const ImageView& image, const std::vector<LevelSize>& levels, ThreadPool& threads);

    // Returns the smallest source that is large enough for the level.
    const Source& source(LevelSize level) const;

  private:
    Arena* arena_ = nullptr;
    std::vector<Source> sources_;
    std::vector<Scratch> pixels_;
};

}  // namespace mtcnn
