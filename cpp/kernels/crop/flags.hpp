// Stops the build of a kernel of this folder that lacks the folder's flag.
#pragma once
#include "kernels/flags.hpp"

// GCC has this macro from version 12 on.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12 && !defined(__NO_SIGNED_ZEROS__)
#error "R-Net's and O-Net's kernels need -fno-signed-zeros, see kernels/CMakeLists.txt"
#endif
