// Vectors of kLanes Pairs (simd/pnet.hpp) and the operations of the integer kernels on them. The
// numbers are signed; the types are not, so that sums may overflow on the way to a result that does
// not.
#pragma once
#include "kernels/vector.hpp"
#include "simd/pnet.hpp"

namespace mtcnn::simd::MTCNN_ISA {

typedef Words Pairs;
typedef std::uint32_t Sums __attribute__((vector_size(4 * kLanes)));

// Returns a Pair in every lane.
inline Pairs broadcast(Pair pair) {
    std::uint32_t bits;
    __builtin_memcpy(&bits, &pair, sizeof bits);
    return (Pairs)(Sums{} + bits);
}

// Return the even, or the odd, numbers in 32 bits.
inline Integers evens(Pairs p) { return (Integers)((Sums)p << 16) >> 16; }
inline Integers odds(Pairs p) { return (Integers)p >> 16; }

// Returns the low halves of two vectors, side by side. GCC makes no blend of words by itself.
inline Pairs low_halves(Sums even, Sums odd) {
#if defined(__AVX512F__)
    return (Pairs)_mm512_mask_blend_epi16(0xaaaaaaaa, (__m512i)even, (__m512i)(odd << 16));
#elif defined(__AVX2__)
    return (Pairs)_mm256_blend_epi16((__m256i)even, (__m256i)(odd << 16), 0xaa);
#else
    return (Pairs)((even & 0xffff) | odd << 16);
#endif
}

// Returns the high halves of two vectors, side by side.
inline Pairs high_halves(Sums even, Sums odd) {
#if defined(__AVX512F__)
    return (Pairs)_mm512_mask_blend_epi16(0xaaaaaaaa, (__m512i)(even >> 16), (__m512i)odd);
#elif defined(__AVX2__)
    return (Pairs)_mm256_blend_epi16((__m256i)(even >> 16), (__m256i)odd, 0xaa);
#else
    return (Pairs)(even >> 16 | (odd & 0xffff0000));
#endif
}

// Returns, for every Pair, the sum of the two products.
inline Sums multiply_add(Pairs a, Pairs b) {
#if defined(__AVX512F__)
    return (Sums)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (Sums)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (Sums)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
    return (Sums)(evens(a) * evens(b)) + (Sums)(odds(a) * odds(b));
#endif
}

// Adds a product to a sum at this very point of the program: compilers would first compute all
// products of a long sum, and run out of registers.
template <typename V>
[[gnu::always_inline]] inline void add(V& sum, V product) {
    sum += product;
#if defined(__AVX512F__)
    asm("" : "+v"(sum));
#elif defined(__SSE2__)
    asm("" : "+x"(sum));
#endif
}

// Adds, for every Pair, the sum of the two products to a sum.
inline void add_products(Sums& sum, Pairs a, Pairs b) {
#if defined(__AVX512VNNI__)
    sum = (Sums)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
#else
    add(sum, multiply_add(a, b));
#endif
}

// Returns a b / 2^15, rounded.
inline Pairs multiply_round(Pairs a, Pairs b) {
#if defined(__AVX512F__)
    return (Pairs)_mm512_mulhrs_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (Pairs)_mm256_mulhrs_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    const Pairs high = (Pairs)_mm_mulhi_epi16((__m128i)a, (__m128i)b), low = a * b;
    return (high << 1) + (low >> 15) + (low >> 14 & 1);
#else
    const Integers even = (evens(a) * evens(b) + 0x4000) >> 15;
    const Integers odd = (odds(a) * odds(b) + 0x4000) >> 15;
    return low_halves((Sums)even, (Sums)odd);
#endif
}

typedef std::int16_t SignedPairs __attribute__((vector_size(4 * kLanes)));

inline Pairs minimum(Pairs a, Pairs b) {
#if defined(__AVX512F__)
    return (Pairs)_mm512_min_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (Pairs)_mm256_min_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (Pairs)_mm_min_epi16((__m128i)a, (__m128i)b);
#else
    return (SignedPairs)a < (SignedPairs)b ? a : b;
#endif
}

inline Pairs maximum(Pairs a, Pairs b) {
#if defined(__AVX512F__)
    return (Pairs)_mm512_max_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (Pairs)_mm256_max_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (Pairs)_mm_max_epi16((__m128i)a, (__m128i)b);
#else
    return (SignedPairs)a > (SignedPairs)b ? a : b;
#endif
}

// A PReLU and a change of units.
struct Activation {
    Pairs rise, fall, low, high;

    Activation(const IntegerConvolution& layer, int pair)
        : rise(broadcast(layer.rise[pair])),
          fall(broadcast(layer.fall[pair])),
          low(broadcast(layer.low[pair])),
          high(broadcast(layer.high[pair])) {}

    Pairs operator()(Pairs x) const {
        const Pairs slope = (SignedPairs)x < 0 ? fall : rise;
        return minimum(maximum(multiply_round(x, slope), low), high);
    }
};

}  // namespace mtcnn::simd::MTCNN_ISA
