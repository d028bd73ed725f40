// Lends objects to threads, each to one thread at a time. There are as many as were ever lent at
// once, so that a call finds the memory of an earlier one.
#pragma once
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace mtcnn {

template <typename T>
class Lender {
  public:
    // Returns what `use(T&)` returns, called with an object that no other thread has.
    template <typename Use>
    auto with(const Use& use) {
        struct Lease {
            Lender& lender;
            std::unique_ptr<T> object = lender.take();
            ~Lease() { lender.give(std::move(object)); }
        } lease{*this};
        return use(*lease.object);
    }

  private:
    std::unique_ptr<T> take() {
        const std::lock_guard lock(mutex_);
        if (idle_.empty()) {
            idle_.reserve(made_ + 1);  // give() is called by a destructor, and must not fail
            auto object = std::make_unique<T>();
            ++made_;
            return object;
        }
        std::unique_ptr<T> object = std::move(idle_.back());
        idle_.pop_back();
        return object;
    }

    void give(std::unique_ptr<T> object) {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(object));
    }

    std::mutex mutex_;
    std::vector<std::unique_ptr<T>> idle_;
    std::size_t made_ = 0;
};

}  // namespace mtcnn
