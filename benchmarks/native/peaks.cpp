// Measures the peak speed of this processor with one thread, from registers alone: float32
// multiplications and additions, fused where possible, and products of 8-bit integers summed up in
// 32 bits. Prints JSON.
//
// Twelve independent chains: two units times the latency of four cycles need eight, and sixteen
// registers hold no more beside the operands.

#include <chrono>
#include <cstdio>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace {

constexpr int kChains = 12;
constexpr long kSteps = 4'000'000;
constexpr int kRounds = 60;

#if defined(__AVX512F__)
constexpr int kBytes = 64;
#elif defined(__AVX2__)
constexpr int kBytes = 32;
#else
constexpr int kBytes = 16;
#endif
typedef float Float32 __attribute__((vector_size(kBytes)));

// Returns the best of some rounds, since other processes can only make a round slower.
template <typename Work>
double best_rate(double operations, Work work) {
    using Clock = std::chrono::steady_clock;
    double best = 0;
    for (int round = 0; round < kRounds; ++round) {
        const auto start = Clock::now();
        work();
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        best = operations / seconds > best ? operations / seconds : best;
    }
    return best;
}

// Volatile, so that the compiler computes nothing in advance and does not merge equal chains.
volatile float factor = 0.999F;
volatile float summand = 0.001F;
volatile int byte = 1;
volatile float sink;

void multiply_add() {
    Float32 chains[kChains];
    for (Float32& chain : chains) {
        chain = Float32{} + factor;
    }
    const Float32 a = Float32{} + factor;
    const Float32 b = Float32{} + summand;
    for (long step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
        for (int chain = 0; chain < kChains; ++chain) {
            chains[chain] = chains[chain] * a + b;
        }
    }
    for (const Float32& chain : chains) {
        sink = chain[0];
    }
}

#if defined(__AVX512VNNI__) && defined(__AVX512F__)
typedef __m512i Integers;
Integers dot(Integers sum, Integers a, Integers b) { return _mm512_dpbusd_epi32(sum, a, b); }
#elif defined(__AVXVNNI__)
typedef __m256i Integers;
Integers dot(Integers sum, Integers a, Integers b) { return _mm256_dpbusd_avx_epi32(sum, a, b); }
#elif defined(__AVX2__)
typedef __m256i Integers;
Integers dot(Integers sum, Integers a, Integers b) {
    const Integers pairs = _mm256_maddubs_epi16(a, b);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
#endif

#if defined(__AVX2__)
void multiply_add_bytes() {
    Integers chains[kChains];
    Integers a;
    for (Integers& chain : chains) {
        std::memset(&chain, byte, sizeof chain);
    }
    std::memset(&a, byte, sizeof a);
    for (long step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
        for (int chain = 0; chain < kChains; ++chain) {
            // Each chain has its own factor, or the compiler would move the product out of the
            // loop.
            chains[chain] = dot(chains[chain], chains[chain], a);
        }
    }
    int values[sizeof(Integers) / sizeof(int)];
    for (const Integers& chain : chains) {
        std::memcpy(values, &chain, sizeof values);
        sink = static_cast<float>(values[0]);
    }
}
#endif

}  // namespace

int main() {
    const double vectors = 2.0 * kChains * kSteps;
    const double fma = best_rate(vectors * sizeof(Float32) / sizeof(float), multiply_add);
    std::printf("{\"float32_gflops\": %.1f, ", fma / 1e9);
#if defined(__AVX2__)
    const double int8 = best_rate(vectors * sizeof(Integers), multiply_add_bytes);
    std::printf("\"int8_gops\": %.1f}\n", int8 / 1e9);
#else
    std::printf("\"int8_gops\": null}\n");
#endif
}
