// Stops the build of a kernel that lacks the flags of kernels/CMakeLists.txt. GCC tells of most of
// them by macros; tests/native/test_layout.py checks all of them.
#pragma once

#ifndef MTCNN_ISA
#error "A kernel is compiled once per instruction set: -DMTCNN_ISA=..., see kernels/CMakeLists.txt"
#endif

#define MTCNN_JOIN(a, b) MTCNN_JOIN_EXPANDED(a, b)
#define MTCNN_JOIN_EXPANDED(a, b) a##b
#define MTCNN_NUMBER_baseline 1
#define MTCNN_NUMBER_avx2 2
#define MTCNN_NUMBER_avx512 3
#define MTCNN_NUMBER_avx512vnni 4

#if MTCNN_JOIN(MTCNN_NUMBER_, MTCNN_ISA) == 1
// Nothing more than the processors that the package is built for have.
#elif MTCNN_JOIN(MTCNN_NUMBER_, MTCNN_ISA) == 2
#if !defined(__AVX2__) || !defined(__FMA__)
#error "avx2 needs -mavx2 -mfma"
#endif
#elif MTCNN_JOIN(MTCNN_NUMBER_, MTCNN_ISA) == 3 || MTCNN_JOIN(MTCNN_NUMBER_, MTCNN_ISA) == 4
#if !defined(__FMA__) || !defined(__AVX512F__) || !defined(__AVX512BW__) || \
    !defined(__AVX512DQ__) || !defined(__AVX512VL__)
#error "avx512 needs -mfma -mavx512f -mavx512bw -mavx512dq -mavx512vl"
#endif
#if MTCNN_JOIN(MTCNN_NUMBER_, MTCNN_ISA) == 4 && !defined(__AVX512VNNI__)
#error "avx512vnni needs -mavx512vnni"
#endif
#else
#error "MTCNN_ISA: no such instruction set"
#endif

// GCC has these macros from version 12 on.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#if !defined(__NO_MATH_ERRNO__) || !defined(__NO_TRAPPING_MATH__)
#error "A kernel needs -fno-math-errno -fno-trapping-math, so that comparisons are vectorized"
#endif
#endif
