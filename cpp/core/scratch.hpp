// Arrays that start with a cache line, so that no vector of an array lies across two lines.
#pragma once
#include <cstddef>
#include <new>
#include <vector>

namespace mtcnn {

// Allocates for std::vector.
template <typename T>
struct CacheAligned {
    using value_type = T;
    static constexpr std::align_val_t kCacheLine{64};

    CacheAligned() = default;
    template <typename Other>
    CacheAligned(const CacheAligned<Other>&) {}

    T* allocate(std::size_t count) {
        return static_cast<T*>(::operator new(count * sizeof(T), kCacheLine));
    }
    void deallocate(T* memory, std::size_t) { ::operator delete(memory, kCacheLine); }
    bool operator==(const CacheAligned&) const { return true; }
};

using AlignedFloats = std::vector<float, CacheAligned<float>>;

// Holds memory for intermediate values; it allocates only when more is asked for than ever before.
class Scratch {
  public:
    // Returns room for `count` floats, or other values of their size, until the next call. The
    // values in it are arbitrary.
    template <typename Value = float>
    Value* reserve(std::size_t count) {
        static_assert(sizeof(Value) == sizeof(float));
        if (floats_.size() < count) floats_ = AlignedFloats(count);
        return reinterpret_cast<Value*>(floats_.data());
    }

  private:
    AlignedFloats floats_;
};

}  // namespace mtcnn
