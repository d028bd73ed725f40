#include "core/per_process.hpp"

#ifndef _WIN32
#include <pthread.h>
#endif

namespace mtcnn {
namespace {

std::atomic<std::uint32_t> forks_so_far{0};

// Counts forks from the loading of the library on. Where the system has no memory to note the
// handler, forked processes behave as without it: they use the parent's threads.
[[maybe_unused]] const int counts_forks = [] {
#ifndef _WIN32
    return pthread_atfork(nullptr, nullptr, [] { ++forks_so_far; });
#else
    return 0;
#endif
}();

}  // namespace

std::uint32_t forks() { return forks_so_far.load(std::memory_order_relaxed); }

}  // namespace mtcnn
