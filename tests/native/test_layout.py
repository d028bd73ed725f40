"""The rules of cpp/README.md: which files may include which, and the flags of the kernels."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
CPP = REPOSITORY / "cpp"
FILES = sorted(CPP.rglob("*.?pp"))
KERNELS = sorted((CPP / "kernels").rglob("*.cpp"))

BELOW = {
    "base": set(),
    "simd": {"base"},
    "kernels": {"base", "simd"},
    "core": {"base", "simd"},
    "bindings": {"base", "simd", "core"},
}

# Neither has templates, nor functions that are not static: the linker would keep one copy of such a
# function, of any instruction set, for all of them.
SAFE_HEADERS = {"cstddef", "cstdint", "immintrin.h"}

EVERY_KERNEL = {"-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"}
AVX512 = {
    *("-mfma", "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl"),
    "-mprefer-vector-width=512",
}
SETS = {
    "baseline": set(),
    "avx2": {"-mavx2", "-mfma"},
    "avx512": AVX512,
    "avx512vnni": AVX512 | {"-mavx512vnni"},
}

PROJECT = f"""
cmake_minimum_required(VERSION 3.20)
project(kernels LANGUAGES CXX)
add_subdirectory("{(CPP / "kernels").as_posix()}" kernels)
"""


def name(path):
    return path.relative_to(CPP).as_posix()


def includes(path):
    """Ours, relative to cpp, and the others."""
    text = path.read_text()
    return re.findall(r'#include "(.+?)"', text), re.findall(r"#include <(.+?)>", text)


def included(path):
    """This file and all of ours that it includes, directly or not."""
    found, left = set(), [path]
    while left:
        file = left.pop()
        if file not in found:
            found.add(file)
            left += [CPP / ours for ours in includes(file)[0]]
    return found


@pytest.fixture(scope="module")
def commands(tmp_path_factory):
    """(kernel, its compiler's arguments) of the kernels as CMake compiles them."""
    folder = tmp_path_factory.mktemp("kernels")
    (folder / "CMakeLists.txt").write_text(PROJECT)
    flags = {"CXXFLAGS", "CFLAGS", "CPPFLAGS", "CMAKE_GENERATOR"}
    subprocess.run(
        ["cmake", "-G", "Ninja", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", "-S", folder, "-B", folder],
        env={key: value for key, value in os.environ.items() if key not in flags},
        check=True,
        capture_output=True,
    )
    database = json.loads((folder / "compile_commands.json").read_text())
    return [(Path(entry["file"]).resolve(), shlex.split(entry["command"])) for entry in database]


def isa(arguments):
    (named,) = [a.split("=")[1] for a in arguments if a.startswith("-DMTCNN_ISA=")]
    return named


def test_every_file_is_in_a_folder_with_rules():
    assert {name(path).split("/")[0] for path in FILES} == set(BELOW)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_include_points_upward(path):
    folder = name(path).split("/")[0]
    for ours in includes(path)[0]:
        assert (CPP / ours).is_file()
        assert ours.split("/")[0] in BELOW[folder] | {folder}, f'{name(path)}: "{ours}"'


@pytest.mark.parametrize("path", KERNELS, ids=name)
def test_kernels_include_no_code_that_sets_would_share(path):
    for file in included(path):
        assert set(includes(file)[1]) <= SAFE_HEADERS, name(file)


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("nm") is None, reason="needs nm, which lists symbols"
)
def test_no_function_of_a_kernel_is_shared_by_the_sets(commands, tmp_path):
    """Nor without optimization, where nothing that may be inlined is."""
    for path, arguments in commands:
        if isa(arguments) != "baseline":
            continue
        compiled = tmp_path / f"{path.stem}.o"
        given = [*arguments[: arguments.index("-o")], "-O0", "-Wno-psabi", "-std=c++20"]
        subprocess.run([*given, "-c", path, "-o", compiled], check=True)
        listed = subprocess.run(["nm", "-C", compiled], capture_output=True, text=True, check=True)
        shared = re.findall(r"^\w+ [uVW] (.*)$", listed.stdout, re.M)
        assert [one for one in shared if "simd::baseline::" not in one] == [], name(path)


@pytest.mark.parametrize("path", KERNELS, ids=name)
def test_every_kernel_guards_its_flags(path):
    assert CPP / "kernels" / "flags.hpp" in included(path)
    # P-Net's guard is in the header that all of its kernels have.
    own = {"crop": "crop/flags.hpp", "pnet": "pnet/blocking.hpp"}.get(path.parent.name)
    assert own is None or CPP / "kernels" / own in included(path)


def test_every_kernel_is_compiled_for_every_set(commands):
    compiled = {(isa(arguments), path) for path, arguments in commands}
    sets = {of_set for of_set, _ in compiled}
    assert sets in ({"baseline"}, set(SETS))
    assert compiled == {(of_set, path) for of_set in sets for path in KERNELS}


def test_every_kernel_has_its_flags_and_no_others(commands):
    for path, arguments in commands:
        folder = path.relative_to(CPP / "kernels").parts[0]
        of_folder = {"-fno-signed-zeros"} if folder == "crop" else set()
        flags = {a for a in arguments if re.match("-[fm](?!macosx)", a)}
        assert flags == EVERY_KERNEL | SETS[isa(arguments)] | of_folder, name(path)


@pytest.mark.parametrize(("variant", "prefix"), [("GNU", ""), ("MSVC", "/clang:")])
def test_flags_are_spelled_for_the_compiler(tmp_path, variant, prefix):
    """clang-cl ignores GCC's flags without /clang:, and with them what the results rest on."""
    script = tmp_path / "spell.cmake"
    script.write_text(
        f'include("{(CPP / "flags.cmake").as_posix()}")\n'
        f"set(CMAKE_CXX_COMPILER_FRONTEND_VARIANT {variant})\n"
        "mtcnn_spell_flags(flags -ffp-contract=fast -mavx2)\n"
        'message("${flags}")\n'
    )
    done = subprocess.run(["cmake", "-P", script], capture_output=True, text=True, check=True)
    flags = done.stderr.strip().split(";")
    assert flags[:2] == [f"{prefix}-ffp-contract=fast", f"{prefix}-mavx2"]
    assert ("-Werror=unknown-argument" in flags) is (variant == "MSVC")


def test_no_flag_is_given_around_the_spelling():
    for path in (REPOSITORY / "CMakeLists.txt", CPP / "kernels" / "CMakeLists.txt"):
        text = re.sub(r"#.*", "", path.read_text())
        for call in re.findall(r"(?:add_compile_options|target_compile_options)\(([^)]*)\)", text):
            assert not re.search(r"(?:^|\s)-[fmW]", call), call
