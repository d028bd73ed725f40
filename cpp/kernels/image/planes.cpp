// Luma and chroma to BGR and back.
#include "kernels/table.hpp"
#include "kernels/vector.hpp"

namespace mtcnn::simd::MTCNN_ISA {
namespace {

constexpr int kAtOnce = 16;  // pixels
constexpr int kChannels = 3;

typedef std::uint8_t Octets __attribute__((vector_size(kAtOnce)));
typedef std::int16_t Shorts __attribute__((vector_size(2 * kAtOnce)));

#if !defined(__AVX2__) && defined(__SSE2__)
struct ShortHalves {
    __m128i low, high;
};
#endif

inline Shorts to_shorts(Octets bytes) {
#if defined(__AVX2__)
    return (Shorts)_mm256_cvtepu8_epi16((__m128i)bytes);
#elif defined(__SSE2__)
    const __m128i zero = _mm_setzero_si128();
    const ShortHalves halves = {_mm_unpacklo_epi8((__m128i)bytes, zero),
                                _mm_unpackhi_epi8((__m128i)bytes, zero)};
    return load<Shorts>(&halves);
#else
    return __builtin_convertvector(bytes, Shorts);
#endif
}

// Returns the upper halves of the products of 32 bits.
inline Shorts multiply_high(Shorts a, std::int16_t b) {
#if defined(__AVX2__)
    return (Shorts)_mm256_mulhi_epi16((__m256i)a, _mm256_set1_epi16(b));
#elif defined(__SSE2__)
    ShortHalves halves = load<ShortHalves>(&a);
    halves.low = _mm_mulhi_epi16(halves.low, _mm_set1_epi16(b));
    halves.high = _mm_mulhi_epi16(halves.high, _mm_set1_epi16(b));
    return load<Shorts>(&halves);
#else
    typedef std::int32_t Products __attribute__((vector_size(4 * kAtOnce)));
    return __builtin_convertvector((__builtin_convertvector(a, Products) * b) >> 16, Shorts);
#endif
}

// Returns numbers as bytes; those below 0 and above 255 become 0 and 255.
inline Octets clip(Shorts values) {
#if defined(__AVX2__)
    const auto all = (__m256i)values;
    return (Octets)_mm_packus_epi16(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
#elif defined(__SSE2__)
    const ShortHalves halves = load<ShortHalves>(&values);
    return (Octets)_mm_packus_epi16(halves.low, halves.high);
#else
    const Shorts least = {}, most = least + 255;
    values = values < least ? least : values;
    return __builtin_convertvector(values > most ? most : values, Octets);
#endif
}

struct Colors {
    Shorts blue, green, red;  // may be below 0 and above 255
};

// Returns chroma of kAtOnce pixels, less 128, times kDifferenceUnits.
inline Shorts load_chroma(const std::uint8_t* from) {
#if defined(__SSE2__)
    const auto half = (Octets)_mm_loadu_si64(from);
#else
    Octets half = {};
    __builtin_memcpy(&half, from, kAtOnce / 2);
#endif
    const Octets twice =
        MTCNN_SHUFFLE(Octets, half, half, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
    return (to_shorts(twice) - 128) * kDifferenceUnits;
}

// Returns the colors of kAtOnce pixels.
inline Colors colors_of(const PlanarRow& row, const ColorMatrix& matrix) {
    const Shorts u = load_chroma(row.u), v = load_chroma(row.v);
    const Shorts difference = to_shorts(load<Octets>(row.luma)) - matrix.black;
    const Shorts luma = multiply_high(difference * kDifferenceUnits, matrix.luma);
    return {luma + multiply_high(u, matrix.blue_u),
            luma + multiply_high(u, matrix.green_u) + multiply_high(v, matrix.green_v),
            luma + multiply_high(v, matrix.red_v)};
}

#if defined(__AVX2__)
// For 16 bytes of three colors side by side, from byte `first` on: where in one of the colors, or
// nowhere, each byte comes from.
struct Order {
    alignas(16) std::uint8_t bytes[kAtOnce];
    constexpr Order(int first, int color) : bytes() {
        for (int i = 0; i < kAtOnce; ++i) {
            const int at = first + i - color;
            bytes[i] = at % kChannels == 0 ? at / kChannels : 0x80;
        }
    }
};

template <int kFirst>
inline __m128i interleaved(Octets blue, Octets green, Octets red) {
    static constexpr Order kOrders[kChannels] = {{kFirst, 0}, {kFirst, 1}, {kFirst, 2}};
    const auto put = [](Octets from, const Order& order) {
        return _mm_shuffle_epi8((__m128i)from, load<__m128i>(order.bytes));
    };
    return _mm_or_si128(_mm_or_si128(put(blue, kOrders[0]), put(green, kOrders[1])),
                        put(red, kOrders[2]));
}
#endif

inline void interleave(Octets blue, Octets green, Octets red, std::uint8_t* out) {
#if defined(__AVX2__)
    store(out, interleaved<0>(blue, green, red));
    store(out + kAtOnce, interleaved<kAtOnce>(blue, green, red));
    store(out + 2 * kAtOnce, interleaved<2 * kAtOnce>(blue, green, red));
#else
    std::uint8_t colors[kChannels][kAtOnce];
    store(colors[0], blue);
    store(colors[1], green);
    store(colors[2], red);
    for (int i = 0; i < kAtOnce; ++i)
        for (int color = 0; color < kChannels; ++color) *out++ = colors[color][i];
#endif
}

// Returns true if a color is below 0 or above 255.
inline bool is_beyond(const Colors& colors) {
    return any((colors.blue | colors.green | colors.red) & static_cast<std::int16_t>(0xff00));
}

// Returns true if kAtOnce pixels differ from others.
inline bool differ(const std::uint8_t* pixels, const std::uint8_t* others) {
    Octets difference = {};
    for (int i = 0; i < kChannels * kAtOnce; i += kAtOnce)
        difference |= load<Octets>(pixels + i) ^ load<Octets>(others + i);
    return any(difference);
}

// Fills out with kAtOnce pixels.
inline Colors convert(const PlanarRow& row, const ColorMatrix& matrix, std::uint8_t* out) {
    const Colors colors = colors_of(row, matrix);
    interleave(clip(colors.blue), clip(colors.green), clip(colors.red), out);
    return colors;
}

// Does the same for fewer pixels; returns true if a color was below 0 or above 255.
bool convert_few(const PlanarRow& row, const ColorMatrix& matrix, int count, std::uint8_t* out) {
    std::uint8_t luma[kAtOnce] = {}, u[kAtOnce / 2] = {}, v[kAtOnce / 2] = {};
    std::uint8_t pixels[kChannels * kAtOnce];
    __builtin_memcpy(luma, row.luma, count);
    __builtin_memcpy(u, row.u, (count + 1) / 2);
    __builtin_memcpy(v, row.v, (count + 1) / 2);
    // The others repeat the last pixel, so that they are beyond no range that it is not beyond.
    for (int i = count; i < kAtOnce; ++i) luma[i] = luma[count - 1];
    for (int i = (count + 1) / 2; i < kAtOnce / 2; ++i) u[i] = u[i - 1], v[i] = v[i - 1];
    const bool beyond = is_beyond(convert({luma, u, v}, matrix, pixels));
    __builtin_memcpy(out, pixels, kChannels * count);
    return beyond;
}

inline int weigh(const std::int32_t (&weights)[4], int units, int blue, int green, int red) {
    return (weights[0] * blue + weights[1] * green + weights[2] * red + weights[3] * units) /
           (kPlaneUnits * units);
}

// Return true if a value may be what colors were made of that give another value. Terms that are
// rounded down make colors, and so luma, up to 3 less, but never more.
inline bool may_be_luma(int luma, int of_colors) {
    return of_colors <= luma && luma <= of_colors + 3;
}

inline bool may_be_chroma(int chroma, int of_colors) {
    return of_colors - 2 <= chroma && chroma <= of_colors + 2;
}

// Gives up to kAtOnce pixels of two rows the colors in bgr, of which `before` are those that they
// have. A value stays where the colors do, unless it stands for colors beyond 0 to 255.
void update(const std::uint8_t* const (&bgr)[2],
            const std::uint8_t (&before)[2][kChannels * kAtOnce], const ColorMatrix& matrix,
            int count, const PlanarRowPair& rows) {
    bool same[2][kAtOnce];
    for (int row = 0; row < 2; ++row) {
        for (int x = 0; x < count; ++x) {
            const std::uint8_t *pixel = bgr[row] + kChannels * x,
                               *old = before[row] + kChannels * x;
            std::uint8_t& luma = rows.luma[row][x];
            const int value = weigh(matrix.to_luma, 1, pixel[0], pixel[1], pixel[2]);
            same[row][x] = pixel[0] == old[0] && pixel[1] == old[1] && pixel[2] == old[2];
            luma =
                same[row][x] && may_be_luma(luma, value) ? luma : static_cast<std::uint8_t>(value);
        }
    }
    for (int x = 0; x < count; x += 2) {
        const int next = minimum(x + 1, count - 1);
        int sum[kChannels];
        for (int i = 0; i < kChannels; ++i)
            sum[i] = bgr[0][kChannels * x + i] + bgr[0][kChannels * next + i] +
                     bgr[1][kChannels * x + i] + bgr[1][kChannels * next + i];
        std::uint8_t &u = rows.u[x / 2], &v = rows.v[x / 2];
        // Pure blue and pure red are half a step beyond the full range.
        const int new_u = minimum(weigh(matrix.to_u, 4, sum[0], sum[1], sum[2]), 255);
        const int new_v = minimum(weigh(matrix.to_v, 4, sum[0], sum[1], sum[2]), 255);
        const bool all_same = same[0][x] && same[0][next] && same[1][x] && same[1][next];
        if (all_same && may_be_chroma(u, new_u) && may_be_chroma(v, new_v)) continue;
        u = static_cast<std::uint8_t>(new_u);
        v = static_cast<std::uint8_t>(new_v);
    }
}

}  // namespace

void planes_to_bgr(const PlanarRow& row, const ColorMatrix& matrix, int width, std::uint8_t* out) {
    int x = 0;
    for (; x + kAtOnce <= width; x += kAtOnce)
        convert({row.luma + x, row.u + x / 2, row.v + x / 2}, matrix, out + kChannels * x);
    if (x < width)
        convert_few({row.luma + x, row.u + x / 2, row.v + x / 2}, matrix, width - x,
                    out + kChannels * x);
}

void bgr_to_planes(const std::uint8_t* const (&bgr)[2], const ColorMatrix& matrix, int width,
                   const PlanarRowPair& rows) {
    for (int x = 0; x < width; x += kAtOnce) {
        const int count = minimum(kAtOnce, width - x);
        const std::uint8_t* const pixels[2] = {bgr[0] + kChannels * x, bgr[1] + kChannels * x};
        const PlanarRowPair part = {
            {rows.luma[0] + x, rows.luma[1] + x}, rows.u + x / 2, rows.v + x / 2};
        std::uint8_t before[2][kChannels * kAtOnce];
        bool changes = false;
        for (int row = 0; row < 2; ++row) {
            const PlanarRow old = {part.luma[row], part.u, part.v};
            if (count == kAtOnce) {
                changes |= is_beyond(convert(old, matrix, before[row]));
                changes |= differ(before[row], pixels[row]);
            } else {
                changes |= convert_few(old, matrix, count, before[row]);
                changes |= __builtin_memcmp(before[row], pixels[row], kChannels * count) != 0;
            }
        }
        if (changes) update(pixels, before, matrix, count, part);
    }
}

}  // namespace mtcnn::simd::MTCNN_ISA
