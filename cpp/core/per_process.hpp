// State that a forked process must not take over from its parent: of the parent's threads it has
// only the one that forked, so that locks which others held stay locked, and jobs find no helpers.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace mtcnn {

// Returns the number of forks between the process that loaded this library and this one.
std::uint32_t forks();

// Holds a T of this process: the first use after a fork makes a new one. The parent's is left as it
// is, since its destructor could wait for threads or locks that will never be free; its memory is
// shared with the parent until one of the two writes to it.
template <typename T>
class PerProcess {
  public:
    using Make = std::function<std::unique_ptr<T>()>;

    explicit PerProcess(Make make = [] { return std::make_unique<T>(); })
        : make_(std::move(make)), entry_(nullptr) {}
    ~PerProcess() {
        Entry* entry = entry_;
        if (is_ours(entry)) delete entry;
    }
    PerProcess(const PerProcess&) = delete;
    PerProcess& operator=(const PerProcess&) = delete;

    // Returns this process's T, which the first call makes. May be called from several threads.
    T& get() {
        Entry* entry = entry_;
        if (is_ours(entry)) return *entry->value;
        auto made = std::make_unique<Entry>(Entry{forks(), make_()});
        if (!entry_.compare_exchange_strong(entry, made.get())) return *entry->value;
        return *made.release()->value;
    }

    // Returns this process's T, or null if it has none yet.
    T* find() {
        Entry* entry = entry_;
        return is_ours(entry) ? entry->value.get() : nullptr;
    }

  private:
    struct Entry {
        std::uint32_t forks;
        std::unique_ptr<T> value;
    };

    static bool is_ours(const Entry* entry) { return entry && entry->forks == forks(); }

    Make make_;
    std::atomic<Entry*> entry_;
};

}  // namespace mtcnn
