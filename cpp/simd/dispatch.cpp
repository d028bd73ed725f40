#include "simd/dispatch.hpp"

#include <cstdlib>
#include <stdexcept>

namespace mtcnn::simd {

namespace baseline {
extern const Kernels kernels;
}
#ifdef MTCNN_X86
namespace avx2 {
extern const Kernels kernels;
}
namespace avx512 {
extern const Kernels kernels;
}
namespace avx512vnni {
extern const Kernels kernels;
}
#endif

namespace {
const Kernels* chosen = &baseline::kernels;
}

std::vector<const Kernels*> available() {
    std::vector<const Kernels*> sets = {&baseline::kernels};
#ifdef MTCNN_X86
    // These builtins ask CPUID for the instructions, and XGETBV for registers that the system
    // saves.
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        sets.push_back(&avx2::kernels);
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
            sets.push_back(&avx512::kernels);
            if (__builtin_cpu_supports("avx512vnni")) sets.push_back(&avx512vnni::kernels);
        }
    }
#endif
    return sets;
}

void choose() {
    const std::vector<const Kernels*> sets = available();
    const char* forced = std::getenv(kIsaVariable);
    if (!forced || !*forced) {
        chosen = sets.back();
        return;
    }
    std::string names;
    for (const Kernels* set : sets) {
        if (set->isa == std::string(forced)) {
            chosen = set;
            return;
        }
        names += std::string(names.empty() ? "" : ", ") + set->isa;
    }
    throw std::runtime_error(std::string(kIsaVariable) + "=" + forced +
                             ": not an instruction set of this machine, which has " + names);
}

const Kernels& kernels() { return *chosen; }

}  // namespace mtcnn::simd
