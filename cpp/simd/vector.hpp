// The vector type of the instruction set that a source is compiled for: GCC's and Clang's vector
// extension, which also becomes NEON where the target has it.
#pragma once
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace mtcnn::simd::MTCNN_ISA {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

typedef float Vector __attribute__((vector_size(4 * kLanes)));
typedef std::uint8_t Bytes __attribute__((vector_size(kLanes)));
typedef std::int32_t Integers __attribute__((vector_size(4 * kLanes)));
typedef float Pixel __attribute__((vector_size(16)));  // three channels and whatever follows

template <typename V, typename T>
inline V load(const T* from) {
    V v;
    std::memcpy(&v, from, sizeof v);  // one unaligned load
    return v;
}

template <typename V, typename T>
inline void store(T* to, V v) {
    std::memcpy(to, &v, sizeof v);
}

inline int minimum(int a, int b) { return a < b ? a : b; }

// GCC makes a comparison and a blend of a < b ? a : b, so x86 gets its instructions by name.
inline Vector minimum(Vector a, Vector b) {
#if defined(__AVX512F__)
    return _mm512_min_ps(a, b);
#elif defined(__AVX2__)
    return _mm256_min_ps(a, b);
#elif defined(__SSE2__)
    return _mm_min_ps(a, b);
#else
    return a < b ? a : b;
#endif
}

inline Vector maximum(Vector a, Vector b) {
#if defined(__AVX512F__)
    return _mm512_max_ps(a, b);
#elif defined(__AVX2__)
    return _mm256_max_ps(a, b);
#elif defined(__SSE2__)
    return _mm_max_ps(a, b);
#else
    return a > b ? a : b;
#endif
}

// Whether a comparison, all ones or all zeros a lane, holds in any.
inline bool any(Integers holds) {
    std::int64_t bits[sizeof holds / 8], all = 0;
    std::memcpy(bits, &holds, sizeof holds);
    for (std::int64_t some : bits) all |= some;
    return all != 0;
}

// kLanes bytes as numbers. Compilers turn __builtin_convertvector from bytes into a load and a
// shift for every lane, so x86 gets its instructions by name.
inline Vector load_bytes(const std::uint8_t* from) {
#if defined(__AVX512F__)
    return (Vector)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(load<__m128i>(from)));
#elif defined(__AVX2__)
    return (Vector)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadu_si64(from)));
#elif defined(__SSE2__)
    const __m128i zero = _mm_setzero_si128();
    const __m128i words = _mm_unpacklo_epi8(_mm_loadu_si32(from), zero);
    return (Vector)_mm_cvtepi32_ps(_mm_unpacklo_epi16(words, zero));
#else
    return __builtin_convertvector(__builtin_convertvector(load<Bytes>(from), Integers), Vector);
#endif
}

}  // namespace mtcnn::simd::MTCNN_ISA
