// Memory that a detection reads and writes again and again: weights and intermediate values.
#pragma once
#include <cstddef>
#include <memory>

namespace mtcnn {

// Gives memory out of blocks. Where the system has large pages they are asked for: a few entries of
// the processor's table of pages then cover what with pages of 4 KB takes more than the table
// holds, and an entry that is missing costs a read about as much as a cache that lacks the value.
class Arena {
  public:
    // block: floats to allocate at a time; 0 gives each request memory of its own. Only as much as
    // is used takes memory of the machine, in large pages.
    explicit Arena(std::size_t block = 0) : size_(block) {}

    // Returns `count` zeros that begin with a cache line. The block lives as long as the pointers
    // to its parts. Zeros, since vectors reach beyond the last cell of a row, and what they have
    // there is compared with a threshold, too: it must not depend on what was in the memory before.
    std::shared_ptr<float> take(std::size_t count);

  private:
    std::shared_ptr<float> part_of_block(std::size_t count);

    std::shared_ptr<float> block_;
    std::size_t size_, used_ = 0;
};

}  // namespace mtcnn
