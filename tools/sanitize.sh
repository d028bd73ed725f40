#!/bin/sh
# Tests and fuzzes the C++ core with sanitizers:
#
#     tools/sanitize.sh          # AddressSanitizer and UndefinedBehaviorSanitizer
#     tools/sanitize.sh threads  # ThreadSanitizer, for the thread pool
#
# FUZZ_SECONDS=600 gives each fuzz target more than 10 seconds. Of the first, tests/core and the random
# arguments are repeated for every instruction set of the machine. Needs GCC, CMake, the build
# requirements of pyproject.toml, and the test extra.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python}
kind=${1:-memory}
case $kind in
memory)
  sanitizers=address,undefined
  libraries="asan ubsan"
  # Python itself frees not all of its memory.
  export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
  ;;
threads)
  sanitizers=thread
  libraries=tsan
  # OpenBLAS, OpenCV and Python are not instrumented: only reports that involve the core count.
  # A forked process gets threads of its own, which ThreadSanitizer does not like.
  export TSAN_OPTIONS="halt_on_error=1:exitcode=66:ignore_noninstrumented_modules=1:die_after_fork=0"
  export OPENBLAS_NUM_THREADS=1
  ;;
*)
  echo "unknown: $kind; memory or threads" >&2
  exit 2
  ;;
esac
build=build/sanitize-$kind
flags="-O1 -fsanitize=$sanitizers -fno-omit-frame-pointer -g1"
[ "$kind" = threads ] || flags="$flags -fno-sanitize-recover=undefined"

# Optimization of the whole program, pybind11's default, takes minutes to link.
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="$flags" \
  -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=OFF \
  -DPython_EXECUTABLE="$(command -v "$python")" \
  -Dpybind11_DIR="$("$python" -m pybind11 --cmakedir)"
cmake --build "$build" --parallel "${JOBS:-$(getconf _NPROCESSORS_ONLN)}"

# The package with this build instead of the installed one.
package=$build/package
rm -rf "$package" && mkdir -p "$package"
cp -r src/mtcnn_rt "$package/"
rm -f "$package"/mtcnn_rt/_native*.so
cp "$build"/_native*.so "$package/mtcnn_rt/"
mkdir -p "$package/mtcnn_rt/model" && cp -r "$build"/model/* "$package/mtcnn_rt/model/"

export PYTHONPATH="$package"
preload=
for library in $libraries; do
  preload=$preload${preload:+:}$(gcc -print-file-name="lib$library.so")
done

# Runs a command with the sanitizers. ThreadSanitizer needs addresses that are not random.
sanitized() {
  if [ "$kind" = threads ]; then
    setarch -R env LD_PRELOAD="$preload" "$@"
  else
    env LD_PRELOAD="$preload" "$@"
  fi
}

if [ "$kind" = threads ]; then
  # ThreadSanitizer has a thread of its own, so one test would count one too many.
  sanitized "$python" -m pytest -q -p no:cacheprovider tests/engines/test_native.py \
    --deselect tests/engines/test_native.py::test_the_threads_end_with_the_detector
  sanitized "$python" fuzz/native_threads.py --seconds "${FUZZ_SECONDS:-10}"
  exit
fi
for isa in $(sanitized "$python" -c 'from mtcnn_rt import _native as n; print(*n.isas())'); do
  echo "$isa:"
  export MTCNN_RT_ISA="$isa"
  sanitized "$python" -m pytest -q -p no:cacheprovider tests/core
  sanitized "$python" -m fuzz.native_arguments --seconds "${FUZZ_SECONDS:-10}"
done
unset MTCNN_RT_ISA
# Those that need PyTorch do not reach the core.
sanitized "$python" -m fuzz --plain --seconds "${FUZZ_SECONDS:-10}" \
  images videos model_folders annotations http_requests
