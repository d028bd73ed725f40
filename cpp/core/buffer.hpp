// Memory that is kept from one use to the next.
#pragma once
#include <cstddef>
#include <memory>
#include <new>

namespace mtcnn {

// Floats at the start of a cache line. Grows only where more are wanted than ever before; what is
// new is 0, so that lanes which nobody uses hold ordinary numbers.
class Buffer {
  public:
    float* reserve(std::size_t size) {
        if (size > size_) {
            values_.reset(new (kAlignment) float[size]());
            size_ = size;
        }
        return values_.get();
    }

  private:
    static constexpr std::align_val_t kAlignment{64};
    struct Free {
        void operator()(float* values) const { operator delete[](values, kAlignment); }
    };
    std::unique_ptr<float[], Free> values_;
    std::size_t size_ = 0;
};

}  // namespace mtcnn
