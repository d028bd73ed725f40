// An image, and the same halved again and again, which the levels of a pyramid are averaged from.
#pragma once
#include <cstdint>
#include <vector>

#include "base/image.hpp"

namespace mtcnn {

struct LevelSize {
    int height, width;
};

// What a level is averaged from.
struct Source {
    ImageView pixels;
    int side;  // of one of these pixels, in pixels of the image
    // Of the image, in these pixels: the last ones may be there in part.
    double height, width;
};

inline Source source_of(const ImageView& image) {
    return {image, 1, static_cast<double>(image.height), static_cast<double>(image.width)};
}

class Halves {
  public:
    // A level's pixel covers at least so many of its source's along either axis: to read a quarter
    // of the pixels takes a quarter of the time. With two, average precision on the test
    // photographs falls by 0.009; with three and four it is that of the image itself, or a little
    // above (docs/performance.md).
    static constexpr int kLeastCovered = 3;

    // Of an image that outlives their use; as many as the levels need. It allocates only when it
    // must grow.
    void assign(const ImageView& image, const std::vector<LevelSize>& levels);

    // The smallest of them that is large enough for the level.
    const Source& source(LevelSize level) const;

  private:
    std::vector<Source> sources_;
    std::vector<std::vector<std::uint8_t>> pixels_;
};

}  // namespace mtcnn
