"""The checks of the project, each in an environment of its own: `nox -s lint`, `nox -l` lists them.

The workflows in .github/workflows call these sessions; .ci/run does without nox and calls the same
commands. Arguments after `--` go to pytest, such as `nox -s tests -- tests/tracking`.
"""

import nox

nox.needs_version = ">=2024.4.15"
nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "tests", "docs"]

PYPROJECT = nox.project.load_toml("pyproject.toml")


def requirements(*extras: str) -> list[str]:
    """Returns what the package and these extras need, without the package, which is compiled."""
    project = PYPROJECT["project"]
    optional = project["optional-dependencies"]
    return [*project["dependencies"], *(word for extra in extras for word in optional[extra])]


# Optimization of the whole program, pybind11's default, takes minutes to link.
QUICK_BUILD = "--config-settings=cmake.define.CMAKE_INTERPROCEDURAL_OPTIMIZATION=OFF"


@nox.session
def lint(session: nox.Session) -> None:
    """Runs the linters."""
    session.install(*requirements("test"))
    session.run("tools/lint.sh", external=True)


@nox.session
def tests(session: nox.Session) -> None:
    """Installs the package and runs the tests."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session(venv_backend="uv", python="3.10")
def lowest(session: nox.Session) -> None:
    """Runs the tests with the oldest versions that pyproject.toml allows; needs uv."""
    session.install(".[test]", "--resolution", "lowest-direct")
    session.run("pytest", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Builds the documentation site into site/."""
    session.install(*requirements("docs"))
    session.run("mkdocs", "build", "--strict", env={"PYTHONPATH": "src"})


@nox.session
def sanitize(session: nox.Session) -> None:
    """Tests and fuzzes the C++ core with sanitizers, `-- memory` or `-- threads`; needs GCC."""
    session.install("cmake", *PYPROJECT["build-system"]["requires"], *requirements("test"))
    for kind in session.posargs or ["memory", "threads"]:
        session.run("tools/sanitize.sh", kind, external=True)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Runs the fuzz targets; `nox -s fuzz -- --seconds 600` for another length."""
    session.install(".[test,train]", QUICK_BUILD)
    # There are no wheels of Atheris for every system; without it the changes are random.
    session.run(
        "python", "-m", "pip", "install", "--only-binary", ":all:", "atheris", success_codes=[0, 1]
    )
    session.run("python", "-m", "fuzz", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Checks that long work does not grow; `nox -s soak -- --minutes 60` for another length."""
    session.install(".[test]")
    session.run("python", "-m", "benchmarks.soak", *session.posargs)


@nox.session
def instructions(session: nox.Session) -> None:
    """Counts the instructions of the hot paths; needs Valgrind and the compiler of the counts."""
    session.install(".[test]")
    session.run("python", "tools/count_instructions.py", *session.posargs)


@nox.session(venv_backend="none")
def neon(session: nox.Session) -> None:
    """Compiles the C++ core for 64-bit ARM; needs g++-aarch64-linux-gnu."""
    session.run("tools/compile_neon.sh", external=True)


@nox.session
def avx512(session: nox.Session) -> None:
    """Tests the C++ core on an emulated processor; needs tools/emulate_avx512.sh's packages."""
    session.install(".[test]")
    session.run("tools/emulate_avx512.sh", *(session.posargs or ["tests/core"]), external=True)


@nox.session
def wheels(session: nox.Session) -> None:
    """Builds and tests the wheels of this system into dist/; on Linux it needs Docker or Podman."""
    session.install("cibuildwheel==4.3.5")
    session.run("cibuildwheel", "--output-dir", "dist", *session.posargs)
