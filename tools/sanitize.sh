#!/bin/sh
# Tests the C++ core, and its calls with random arguments, with AddressSanitizer and
# UndefinedBehaviorSanitizer, for every instruction set of the machine:
#
#     tools/sanitize.sh          # FUZZ_SECONDS=600 for more than 10 seconds of random arguments
#
# Needs GCC, CMake, the build requirements of pyproject.toml, and the test extra.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python}
build=build/sanitize
flags="-O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g1"

cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="$flags" \
  -DPython_EXECUTABLE="$(command -v "$python")" \
  -Dpybind11_DIR="$("$python" -m pybind11 --cmakedir)"
cmake --build "$build" --parallel "$(getconf _NPROCESSORS_ONLN)"

# The package with this build instead of the installed one.
package=$build/package
rm -rf "$package" && mkdir -p "$package"
cp -r src/mtcnn_rt "$package/"
rm -f "$package"/mtcnn_rt/_native*.so
cp "$build"/_native*.so "$package/mtcnn_rt/"
mkdir -p "$package/mtcnn_rt/model" && cp -r "$build"/model/* "$package/mtcnn_rt/model/"

export PYTHONPATH="$package" ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 # Python itself frees not all of its memory
preload=$(gcc -print-file-name=libasan.so):$(gcc -print-file-name=libubsan.so)
for isa in $(LD_PRELOAD="$preload" "$python" -c 'from mtcnn_rt import _native as n; print(*n.isas())'); do
  echo "$isa:"
  LD_PRELOAD="$preload" MTCNN_RT_ISA="$isa" "$python" -m pytest -q -p no:cacheprovider tests/core
  LD_PRELOAD="$preload" MTCNN_RT_ISA="$isa" "$python" -m fuzz.native_arguments --seconds "${FUZZ_SECONDS:-10}"
done
