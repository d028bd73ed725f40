#include "core/arena.hpp"

#include <algorithm>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace mtcnn {
namespace {

constexpr std::size_t kCacheLine = 64, kLargePage = std::size_t{2} << 20;

// Allocates floats that begin with a multiple of `alignment` bytes.
std::shared_ptr<float> allocate(std::size_t count, std::size_t alignment) {
    const std::align_val_t aligned{alignment};
    return {static_cast<float*>(::operator new(count * sizeof(float), aligned)),
            [aligned](float* memory) { ::operator delete(memory, aligned); }};
}

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
constexpr bool kLargePages = true;

std::shared_ptr<float> allocate_large(std::size_t count) {
    std::shared_ptr<float> block = allocate(count, kLargePage);
    // Without them everything works as well, so the system may refuse.
    (void)madvise(block.get(), count * sizeof(float), MADV_HUGEPAGE);
    return block;
}
#else
// AddressSanitizer sees only what is beyond an allocation of its own.
constexpr bool kLargePages = false;

std::shared_ptr<float> allocate_large(std::size_t count) { return allocate(count, kCacheLine); }
#endif

}  // namespace

std::shared_ptr<float> Arena::take(std::size_t count) {
    std::shared_ptr<float> part = part_of_block(count);
    std::fill_n(part.get(), count, 0.0f);
    return part;
}

std::shared_ptr<float> Arena::part_of_block(std::size_t count) {
    if (!kLargePages || size_ == 0) return allocate(count, kCacheLine);
    if (count > size_) return allocate_large(count);
    if (!block_ || count > size_ - used_) {
        block_ = allocate_large(size_);
        used_ = 0;
    }
    const std::shared_ptr<float> part(block_, block_.get() + used_);
    constexpr std::size_t kLine = kCacheLine / sizeof(float);
    used_ = std::min(size_, (used_ + count + kLine - 1) / kLine * kLine);
    return part;
}

}  // namespace mtcnn
