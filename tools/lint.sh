#!/bin/sh
# The linters, as the continuous integration runs them, in an environment with the test extra. The
# hooks of .pre-commit-config.yaml are the same commands.
set -eu
cd "$(dirname "$0")/.."
ruff check .
ruff format --check .
mypy
git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run --Werror
