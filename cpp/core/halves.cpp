#include "core/halves.hpp"

#include <algorithm>
#include <cstddef>

#include "simd/dispatch.hpp"

namespace mtcnn {
namespace {

bool is_enough(const Source& source, LevelSize level) {
    return source.height >= Halves::kLeastCovered * level.height &&
           source.width >= Halves::kLeastCovered * level.width;
}

// Returns a source's half without pixels: its size is known before they are.
Source half_of(const Source& source) {
    return {{}, 2 * source.side, source.height / 2, source.width / 2};
}

// Rows of a half that are worth the start of a thread.
constexpr int kLeastRows = 64;

// Returns a source's half with pixels, which are in `memory`.
Source halved(const Source& source, Scratch& memory, ThreadPool& threads) {
    const ImageView& from = source.pixels;
    const int height = (from.height + 1) / 2, width = (from.width + 1) / 2;
    const std::ptrdiff_t stride = 3 * static_cast<std::ptrdiff_t>(width);
    std::uint8_t* pixels = memory.reserve<std::uint8_t>(height * stride);
    const auto halve = [&](int y) {
        const std::uint8_t* top = from.pixels + 2 * y * from.row_stride;
        const std::uint8_t* bottom = 2 * y + 1 < from.height ? top + from.row_stride : top;
        simd::kernels().halve(top, bottom, from.width, pixels + y * stride);
    };
    const std::int64_t parts = threads.parts(height, kLeastRows);
    threads.run(static_cast<int>(parts), [&](int part) {
        for (std::int64_t y = part * height / parts; y < (part + 1) * height / parts; ++y)
            halve(static_cast<int>(y));
    });
    Source half = half_of(source);
    half.pixels = {pixels, height, width, stride, from.bgr};
    return half;
}

}  // namespace

void Halves::assign(const ImageView& image, const std::vector<LevelSize>& levels,
                    ThreadPool& threads) {
    sources_.assign(1, source_of(image));
    const auto wanted = [&](const Source& source) {
        const Source half = half_of(source);
        return std::any_of(levels.begin(), levels.end(),
                           [&](LevelSize level) { return is_enough(half, level); });
    };
    for (std::size_t i = 0; wanted(sources_[i]); ++i) {
        if (i == pixels_.size()) pixels_.push_back(arena_ ? Scratch(*arena_) : Scratch());
        sources_.push_back(halved(sources_[i], pixels_[i], threads));
    }
}

const Source& Halves::source(LevelSize level) const {
    std::size_t i = sources_.size() - 1;
    while (i > 0 && !is_enough(sources_[i], level)) --i;
    return sources_[i];
}

}  // namespace mtcnn
