// Other Python threads run while the core computes.
#pragma once
#include <pybind11/pybind11.h>

#include <chrono>
#include <thread>

namespace mtcnn::bindings {

// Releases the GIL for a block. Unlike pybind11's class it survives the end of the interpreter: a
// daemon thread that wants the GIL then is ended by Python, before version 3.14 with pthread_exit.
// glibc does that by an exception, which no destructor lets through, so that the process would
// abort. Here the thread sleeps until the process ends, as it does in Python 3.14.
class ReleasedGil {
  public:
    ReleasedGil() : state_(PyEval_SaveThread()) {}
    ~ReleasedGil() {
        try {
            PyEval_RestoreThread(state_);
        } catch (...) {
            for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
        }
    }
    ReleasedGil(const ReleasedGil&) = delete;
    ReleasedGil& operator=(const ReleasedGil&) = delete;

  private:
    PyThreadState* state_;
};

}  // namespace mtcnn::bindings
