// A pool of threads that share the items of a job.
#pragma once
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace mtcnn {

// The threads are started once and joined by the destructor. Between jobs they wait as
// std::atomic::wait does: they spin for a moment, since the next stage of a detection comes soon,
// and then sleep, since threads that only spin take the cores from everything else.
class ThreadPool {
  public:
    // Starts the threads, the calling one included. Throws std::runtime_error, which has the number
    // that did start, if the system has no room for all; none is left then.
    explicit ThreadPool(int threads);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    // Parts of the work for each thread, so that the threads end at about the same time.
    static constexpr int kPartsPerThread = 3;

    int threads() const { return static_cast<int>(helpers_.size()) + 1; }

    // Returns the number of parts to cut `count` things into, at most one for each thing: one part
    // for one thread; otherwise kPartsPerThread for each, or fewer, but one for each, where a part
    // would have less than `least` things.
    int parts(std::int64_t count, std::int64_t least) const;

    // Calls work(item) for every item in [0, count), in any order, in this thread and the pool's,
    // and returns when all are done. If the pool works for another thread, this thread does all of
    // it. Throws the first exception that `work` throws. `work` must not call run of the same pool.
    template <typename Work>
    void run(int count, const Work& work) {
        const auto call = [](const void* context, int item) {
            (*static_cast<const Work*>(context))(item);
        };
        run({call, &work, count});
    }

  private:
    struct Job {
        void (*call)(const void* context, int item);
        const void* context;
        int count;
    };

    void run(const Job& job);
    void share(const Job& job);
    void work_on();
    void help();
    bool join();
    void leave();
    void stop();

    // at_work_ is the number of helpers at work on the job, plus kOpen while others may join.
    static constexpr std::uint32_t kOpen = 1u << 31;

    std::mutex running_;
    Job job_ = {};
    std::atomic<int> next_{0};
    std::atomic<std::uint32_t> jobs_{0};  // number of jobs so far
    std::atomic<std::uint32_t> at_work_{0};
    std::atomic<bool> stopped_{false};
    std::mutex failing_;
    std::exception_ptr failure_;
    std::vector<std::thread> helpers_;
};

}  // namespace mtcnn
