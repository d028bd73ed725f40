#include "core/thread_pool.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace mtcnn {

ThreadPool::ThreadPool(int threads) {
    try {
        for (int i = 1; i < threads; ++i) helpers_.emplace_back([this] { help(); });
    } catch (const std::exception& error) {
        const int started = this->threads();
        stop();
        throw std::runtime_error("threads: the system started only " + std::to_string(started) +
                                 " of " + std::to_string(threads) + " (" + error.what() +
                                 "); ask for fewer threads");
    }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
    stopped_ = true;
    ++jobs_;
    jobs_.notify_all();
    for (std::thread& helper : helpers_) helper.join();
}

int ThreadPool::parts(std::int64_t count, std::int64_t least) const {
    const std::int64_t fewest = threads(), most = fewest == 1 ? 1 : kPartsPerThread * fewest;
    return static_cast<int>(std::min(count, std::clamp(count / least, fewest, most)));
}

void ThreadPool::run(const Job& job) {
    const std::unique_lock lock(running_, std::try_to_lock);
    if (!lock || helpers_.empty() || job.count < 2) {
        for (int item = 0; item < job.count; ++item) job.call(job.context, item);
        return;
    }
    share(job);
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void ThreadPool::share(const Job& job) {
    job_ = job;
    next_ = 0;
    at_work_ = kOpen;
    ++jobs_;
    jobs_.notify_all();
    work_on();
    // Helpers that come only now find the job closed: nobody waits for one that sleeps long.
    at_work_ &= ~kOpen;
    while (const std::uint32_t helpers = at_work_) at_work_.wait(helpers);
}

void ThreadPool::help() {
    for (std::uint32_t seen = 0;;) {
        jobs_.wait(seen);
        seen = jobs_;
        if (stopped_) return;
        if (!join()) continue;
        work_on();
        leave();
    }
}

void ThreadPool::work_on() {
    try {
        for (int item; (item = next_++) < job_.count;) job_.call(job_.context, item);
    } catch (...) {
        next_ = job_.count;
        const std::lock_guard lock(failing_);
        if (!failure_) failure_ = std::current_exception();
    }
}

bool ThreadPool::join() {
    std::uint32_t now = at_work_;
    while (now & kOpen)
        if (at_work_.compare_exchange_weak(now, now + 1)) return true;
    return false;
}

void ThreadPool::leave() {
    --at_work_;
    at_work_.notify_all();
}

}  // namespace mtcnn
