// Stops the build of a kernel of this folder that lacks the folder's flag.
#pragma once
#include "kernels/flags.hpp"

#if defined(__GNUC__) && !defined(__clang__) && !defined(__NO_SIGNED_ZEROS__)
#error "R-Net's and O-Net's kernels need -fno-signed-zeros, see kernels/CMakeLists.txt"
#endif
