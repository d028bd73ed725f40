// Counts what one library of a process allocates with operator new or malloc while the thread does
// not hold Python's lock. Preload it into the process (LD_PRELOAD). An extension module does its
// work without the lock; before and after that it converts arguments and results. The return
// address of the call shows which library allocates.

#include <dlfcn.h>
#include <link.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

std::atomic<std::uintptr_t> first{0};
std::atomic<std::uintptr_t> last{0};
std::atomic<long> count{0};
thread_local bool without_lock = false;

int find(dl_phdr_info* library, std::size_t, void* name) {
    if (std::strstr(library->dlpi_name, static_cast<const char*>(name)) == nullptr) {
        return 0;
    }
    for (int segment = 0; segment < library->dlpi_phnum; ++segment) {
        const auto& header = library->dlpi_phdr[segment];
        if (header.p_type == PT_LOAD && (header.p_flags & PF_X) != 0) {
            first = library->dlpi_addr + header.p_vaddr;
            last = first + header.p_memsz;
        }
    }
    return 1;
}

void note(const void* caller) {
    const auto address = reinterpret_cast<std::uintptr_t>(caller);
    if (without_lock && first <= address && address < last) {
        ++count;
    }
}

template <typename Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

// Starts counting what the library with `name` in its path allocates. Returns 0 if there is none.
int watch(const char* name) {
    count = 0;
    return dl_iterate_phdr(find, const_cast<char*>(name));
}

long allocations() { return count; }

// Replace Python's functions that release the lock and take it again.
void* PyEval_SaveThread() {
    static const auto save = next<void* (*)()>("PyEval_SaveThread");
    void* state = save();
    without_lock = true;
    return state;
}

void PyEval_RestoreThread(void* state) {
    static const auto restore = next<void (*)(void*)>("PyEval_RestoreThread");
    without_lock = false;
    restore(state);
}

void* malloc(std::size_t size) {
    static const auto allocate = next<void* (*)(std::size_t)>("malloc");
    note(__builtin_return_address(0));
    return allocate(size);
}
}

void* operator new(std::size_t size) {
    note(__builtin_return_address(0));
    if (void* memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc();
}

void* operator new(std::size_t size, std::align_val_t alignment) {
    note(__builtin_return_address(0));
    const auto unit = static_cast<std::size_t>(alignment);
    if (void* memory = std::aligned_alloc(unit, (size + unit - 1) / unit * unit)) {
        return memory;
    }
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
