#!/bin/sh
# Compiles the C++ core for 64-bit ARM, whose vectors are NEON's, with Debian's cross compiler
# (g++-aarch64-linux-gnu): the bindings, which need Python for ARM, are left out. Nothing is run.
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for source in cpp/core/*.cpp cpp/core/networks/*.cpp cpp/simd/*.cpp; do
  aarch64-linux-gnu-g++ -std=c++20 -O2 -Wall -Wextra -Werror -Wno-psabi -DMTCNN_ISA=baseline \
    -ffp-contract=fast -fno-math-errno -fno-trapping-math -Icpp \
    -c "$source" -o "$out/$(basename "$source").o"
done
echo "$(ls "$out" | wc -l) files compile"
