// The vector types of the instruction set that a source is compiled for: GCC's and Clang's vector
// extension, which also becomes NEON on ARM.
#pragma once
#include <cstddef>
#include <cstdint>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "kernels/flags.hpp"

namespace mtcnn::simd::MTCNN_ISA {

// A number that is known when the code is compiled, as an argument.
template <int kValue>
struct Constant {
    static constexpr int value = kValue;
};

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

// Vector registers, which bound the number of sums that can be under way at a time.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kRegisters = 32;
#else
constexpr int kRegisters = 16;
#endif

typedef float Vector __attribute__((vector_size(4 * kLanes)));
typedef std::uint8_t Bytes __attribute__((vector_size(kLanes)));
typedef std::uint16_t Words __attribute__((vector_size(4 * kLanes)));
typedef std::int32_t Integers __attribute__((vector_size(4 * kLanes)));
typedef float Pixel __attribute__((vector_size(16)));  // three channels and whatever follows

// Returns the vector V at an address, aligned or not. The compiler's own memcpy needs no header of
// the standard library, and becomes a single move.
template <typename V, typename T>
inline V load(const T* from) {
    V v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}

// Writes a vector to an address, aligned or not.
template <typename V, typename T>
inline void store(T* to, V v) {
    __builtin_memcpy(to, &v, sizeof v);
}

// MTCNN_SHUFFLE(V, a, b, ...) has the lanes of a and b, which follow those of a, with these
// numbers; V has integers as wide as the lanes. GCC has __builtin_shufflevector from version 12 on
// only, Clang has no __builtin_shuffle.
#if defined(__clang__)
#define MTCNN_SHUFFLE(V, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define MTCNN_SHUFFLE(V, a, b, ...) __builtin_shuffle(a, b, V{__VA_ARGS__})
#endif

// kLaneNumbers is 0 1 2 ...; interleave_low and interleave_high return the first and the second
// half of the lanes a0 b0 a1 b1 ...
#if defined(__AVX512F__)
constexpr Integers kLaneNumbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
inline Vector interleave_low(Vector a, Vector b) {
    return MTCNN_SHUFFLE(Integers, a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
inline Vector interleave_high(Vector a, Vector b) {
    return MTCNN_SHUFFLE(Integers, a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                         31);
}
#elif defined(__AVX2__)
constexpr Integers kLaneNumbers = {0, 1, 2, 3, 4, 5, 6, 7};
inline Vector interleave_low(Vector a, Vector b) {
    return MTCNN_SHUFFLE(Integers, a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
inline Vector interleave_high(Vector a, Vector b) {
    return MTCNN_SHUFFLE(Integers, a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
#else
constexpr Integers kLaneNumbers = {0, 1, 2, 3};
inline Vector interleave_low(Vector a, Vector b) {
    return MTCNN_SHUFFLE(Integers, a, b, 0, 4, 1, 5);
}
inline Vector interleave_high(Vector a, Vector b) {
    return MTCNN_SHUFFLE(Integers, a, b, 2, 6, 3, 7);
}
#endif

inline int minimum(int a, int b) { return a < b ? a : b; }

// The minimum and the maximum of each lane. GCC makes a comparison and a blend of a < b ? a : b, so
// x86 gets its instructions by name.
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

// Returns true if any bit of a vector is 1: of a comparison, whose lanes are all ones or all zeros,
// if it holds in any lane.
template <typename V>
inline bool any(V vector) {
    std::int64_t bits[sizeof vector / 8], all = 0;
    __builtin_memcpy(bits, &vector, sizeof vector);
    for (std::int64_t some : bits) all |= some;
    return all != 0;
}

// Returns true if a comparison holds in all lanes.
inline bool all(Integers holds) { return !any(~holds); }

// Returns x, or slope * x if x is negative. The sign bit chooses, so that no comparison is needed.
inline Vector prelu(Vector x, float slope) { return (Integers)x < 0 ? slope * x : x; }

// Returns kLanes bytes as floats. Compilers turn __builtin_convertvector from bytes into a load and
// a shift for every lane, so x86 gets its instructions by name.
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

// Returns 2 kLanes bytes as words.
inline Words load_words(const std::uint8_t* from) {
#if defined(__AVX512F__)
    return (Words)_mm512_cvtepu8_epi16(load<__m256i>(from));
#elif defined(__AVX2__)
    return (Words)_mm256_cvtepu8_epi16(load<__m128i>(from));
#elif defined(__SSE2__)
    return (Words)_mm_unpacklo_epi8(_mm_loadu_si64(from), _mm_setzero_si128());
#else
    typedef std::uint8_t TwiceBytes __attribute__((vector_size(2 * kLanes)));
    return __builtin_convertvector(load<TwiceBytes>(from), Words);
#endif
}

// Return the first and the second kLanes words as floats.
#if defined(__AVX512F__)
inline Vector as_numbers(__m256i words) {
    return (Vector)_mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(words));
}
inline Vector low_numbers(Words words) {
    return as_numbers(_mm512_castsi512_si256((__m512i)words));
}
inline Vector high_numbers(Words words) {
    return as_numbers(_mm512_extracti64x4_epi64((__m512i)words, 1));
}
#elif defined(__AVX2__)
inline Vector as_numbers(__m128i words) {
    return (Vector)_mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(words));
}
inline Vector low_numbers(Words words) {
    return as_numbers(_mm256_castsi256_si128((__m256i)words));
}
inline Vector high_numbers(Words words) {
    return as_numbers(_mm256_extracti128_si256((__m256i)words, 1));
}
#elif defined(__SSE2__)
inline Vector low_numbers(Words words) {
    return (Vector)_mm_cvtepi32_ps(_mm_unpacklo_epi16((__m128i)words, _mm_setzero_si128()));
}
inline Vector high_numbers(Words words) {
    return (Vector)_mm_cvtepi32_ps(_mm_unpackhi_epi16((__m128i)words, _mm_setzero_si128()));
}
#else
inline Vector as_numbers(const std::uint16_t* words) {
    typedef std::uint16_t HalfWords __attribute__((vector_size(2 * kLanes)));
    return __builtin_convertvector(__builtin_convertvector(load<HalfWords>(words), Integers),
                                   Vector);
}
inline Vector low_numbers(Words words) { return as_numbers((const std::uint16_t*)&words); }
inline Vector high_numbers(Words words) {
    return as_numbers((const std::uint16_t*)&words + kLanes);
}
#endif

// Writes 2 kLanes words, none of which is above 255, as bytes.
inline void store_bytes(std::uint8_t* to, Words words) {
    typedef std::uint8_t TwiceBytes __attribute__((vector_size(2 * kLanes)));
    store(to, __builtin_convertvector(words, TwiceBytes));
}

}  // namespace mtcnn::simd::MTCNN_ISA
