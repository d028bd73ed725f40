// Memory for intermediate values, which later calls use again.
#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>

#include "core/arena.hpp"

namespace mtcnn {

// Holds memory that starts with a cache line, so that no vector of an array lies across two lines.
// It allocates only when more is asked for than ever before.
class Scratch {
  public:
    Scratch() = default;
    // Takes memory from an arena, which must outlive the use of it.
    explicit Scratch(Arena& arena) : arena_(&arena) {}

    // Returns room for `count` values until the next call. The values in it are arbitrary.
    template <typename Value = float>
    Value* reserve(std::size_t count) {
        const std::size_t floats = (count * sizeof(Value) + sizeof(float) - 1) / sizeof(float);
        if (floats > size_) grow(floats);
        return reinterpret_cast<Value*>(floats_.get());
    }

  private:
    // At least doubles the size: what it had before is lost to the arena. Where the system has too
    // little memory nothing is left, so that a later call asks for it again.
    void grow(std::size_t floats) {
        const std::size_t size = std::max(floats, 2 * size_);
        size_ = 0;
        floats_.reset();
        floats_ = arena_ ? arena_->take(size) : Arena().take(size);
        size_ = size;
    }

    Arena* arena_ = nullptr;
    std::shared_ptr<float> floats_;
    std::size_t size_ = 0;
};

}  // namespace mtcnn
