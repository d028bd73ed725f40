// The means of 2 x 2 pixels.
#include "kernels/table.hpp"
#include "kernels/vector.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

typedef std::int64_t Longs __attribute__((vector_size(4 * kLanes)));

constexpr int kChannels = 3;

// A vector consists of groups of 16 bytes. Each begins with four pixels, which make two means.
constexpr int kGroups = kLanes / 4;
constexpr int kGroupBytes = 4 * kChannels;

// Returns a vector of the groups at `from`, and reads no more than one vector.
inline Words load_groups(const std::uint8_t* from) {
#if defined(__AVX512F__)
    const auto v = load<Integers>(from);
    return (Words)MTCNN_SHUFFLE(Integers, v, v, 0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12);
#elif defined(__AVX2__)
    return (Words)_mm256_set_m128i(load<__m128i>(from + kGroupBytes), load<__m128i>(from));
#else
    return load<Words>(from);
#endif
}

// Returns, as words of each group: the sum of the first two pixels, that of the other two, and two
// words without meaning.
inline Words add_neighbors(Words groups) {
#if defined(__AVX2__)
    const __m128i order = _mm_setr_epi8(0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11, 12, 12, 12, 12);
#endif
#if defined(__AVX512F__)
    const __m512i pairs = _mm512_shuffle_epi8((__m512i)groups, _mm512_broadcast_i32x4(order));
    return (Words)_mm512_maddubs_epi16(pairs, _mm512_set1_epi8(1));
#elif defined(__AVX2__)
    const __m256i pairs = _mm256_shuffle_epi8((__m256i)groups, _mm256_broadcastsi128_si256(order));
    return (Words)_mm256_maddubs_epi16(pairs, _mm256_set1_epi8(1));
#elif defined(__SSE2__)
    // SSE2 has no shuffle of bytes: two pixels become words, and one is shifted to the other.
    const __m128i bytes = (__m128i)groups, zero = {};
    const __m128i left = _mm_unpacklo_epi8(bytes, zero);
    const __m128i right = _mm_unpacklo_epi8(_mm_srli_si128(bytes, 2 * kChannels), zero);
    const Words first = (Words)_mm_add_epi16(left, _mm_srli_si128(left, 2 * kChannels));
    const Words second = (Words)_mm_add_epi16(right, _mm_slli_si128(right, 2 * kChannels));
    const Words is_first = {0xffff, 0xffff, 0xffff};
    return (first & is_first) | (second & ~is_first);
#else
    typedef std::uint8_t Group __attribute__((vector_size(16)));
    const Group bytes = (Group)groups;
    const Words pairs = (Words)MTCNN_SHUFFLE(Group, bytes, bytes, 0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8,
                                             11, 12, 12, 12, 12);
    return (pairs & 0xff) + (pairs >> 8);
#endif
}

// Writes each group's words as bytes. The next group overwrites the last two of them.
inline void store_means(std::uint8_t* to, Words means) {
#if defined(__AVX512F__)
    const auto bytes = (Longs)_mm512_packus_epi16((__m512i)means, (__m512i)means);
#elif defined(__AVX2__)
    const auto bytes = (Longs)_mm256_packus_epi16((__m256i)means, (__m256i)means);
#endif
#if defined(__AVX2__)
    constexpr int kMeansBytes = kGroupBytes / 2;
    for (int group = 0; group < kGroups; ++group) store(to + group * kMeansBytes, bytes[2 * group]);
#else
    store_bytes(to, means);
#endif
}

}  // namespace

void halve(const std::uint8_t* top, const std::uint8_t* bottom, int width, std::uint8_t* out) {
    const int bytes = kChannels * width;
    int i = 0;
    // The bytes that are written have room in half of those that are read.
    for (; i + static_cast<int>(sizeof(Words)) <= bytes; i += kGroups * kGroupBytes) {
        const Words sum =
            add_neighbors(load_groups(top + i)) + add_neighbors(load_groups(bottom + i));
        store_means(out + i / 2, (sum + 2) >> 2);
    }
    out += i / 2;
    for (; i + 2 * kChannels <= bytes; i += kChannels)
        for (int channel = 0; channel < kChannels; ++channel, ++i)
            *out++ = (top[i] + top[i + kChannels] + bottom[i] + bottom[i + kChannels] + 2) >> 2;
    for (; i < bytes; ++i) *out++ = (top[i] + bottom[i] + 1) >> 1;
}

}  // namespace mtcnn::simd::MTCNN_ISA
