#!/bin/sh
# Compiles the C++ core for 64-bit ARM, whose vectors are NEON's, with Debian's cross compiler
# (g++-aarch64-linux-gnu): the bindings, which need Python for ARM, are left out. Nothing is run.
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
compile() { # source, flags...
  source=$1 && shift
  aarch64-linux-gnu-g++ -std=c++20 -O2 -Wall -Wextra -Werror -Wno-psabi "$@" -Icpp \
    -c "$source" -o "$out/$(echo "$source" | tr / _).o"
}
for source in cpp/core/*.cpp cpp/core/networks/*.cpp cpp/simd/*.cpp; do compile "$source"; done
for source in $(find cpp/kernels -name '*.cpp'); do
  flags="-DMTCNN_ISA=baseline -ffp-contract=fast -fno-math-errno -fno-trapping-math"
  case $source in cpp/kernels/crop/*) flags="$flags -fno-signed-zeros" ;; esac
  compile "$source" $flags
done
echo "$(ls "$out" | wc -l) files compile"
