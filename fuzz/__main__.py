"""Runs fuzz targets, each in a process of its own, for any number of seconds.

    python -m fuzz --seconds 60             # all targets
    python -m fuzz images videos --seconds 600 --corpus found

With Atheris (`pip install atheris`) inputs follow the code of the package that they reach, and
`--corpus` keeps those that reached more. Without it, or with `--plain`, they are random changes of
the seeds. A failure prints where its input is: copy that into `fuzz/found/TARGET/`, where the tests
run it from then on.
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from fuzz import mutation
from fuzz.targets import NEEDS, found, is_installed

NATIVE = "native_arguments"
"""Takes no bytes: it calls the core with random arguments, in processes of its own."""


def main() -> int:
    """Runs the command line; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Runs fuzz targets.")
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help="all of them, if none is given"
    )
    parser.add_argument("--seconds", type=float, default=60, help="duration for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="random changes, without Atheris")
    parser.add_argument("--corpus", type=Path, help="folder to keep inputs in, one for each target")
    parser.add_argument("--here", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        run_here(options.here, options)
        return 0
    unknown = set(options.targets) - {*NEEDS, NATIVE}
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join([*NEEDS, NATIVE])}")
    failed = [name for name in options.targets or [*NEEDS, NATIVE] if not passes(name, options)]
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def passes(name: str, options: argparse.Namespace) -> bool:
    """Runs a target in a process; returns whether all inputs were accepted or refused properly."""
    print(f"{name}:", flush=True)
    missing = [module for module in NEEDS.get(name, ()) if not is_installed(module)]
    if missing:
        print(f"left out: needs {', '.join(missing)}", flush=True)
        return True
    if name == NATIVE:
        words = ["-m", f"fuzz.{NATIVE}", "--seconds", str(options.seconds)]
    else:
        words = ["-m", "fuzz", "--here", name, "--seconds", str(options.seconds)]
        words += ["--seed", str(options.seed), *(["--plain"] if options.plain else [])]
        words += ["--corpus", str(options.corpus)] if options.corpus else []
    quiet = {"OPENCV_LOG_LEVEL": "SILENT", **os.environ}  # or its lines drown that of a failure
    return subprocess.run([sys.executable, *words], env=quiet).returncode == 0


def run_here(name: str, options: argparse.Namespace) -> None:
    """Runs a target that takes bytes, in this process."""
    if options.plain or not is_installed("atheris"):
        module = importlib.import_module(f"fuzz.{name}")
        inputs = [*module.seeds(), *found(name)]
        count = mutation.run(module.target, inputs, options.seconds, options.seed)
        print(f"{count} inputs", flush=True)
        return
    import atheris

    with atheris.instrument_imports(include=["mtcnn_rt"]):
        module = importlib.import_module(f"fuzz.{name}")
    with tempfile.TemporaryDirectory() as temporary:
        corpus = options.corpus / name if options.corpus else Path(temporary) / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        for index, content in enumerate([*module.seeds(), *found(name)]):
            (corpus / f"seed-{index}").write_bytes(content)
        artifacts = f"{tempfile.gettempdir()}/fuzz-{name}-"
        limits = [f"-max_total_time={max(1, round(options.seconds))}", "-timeout=60"]
        limits += [f"-seed={options.seed}", "-rss_limit_mb=4096", "-verbosity=0"]
        words = [*limits, "-print_final_stats=1", f"-artifact_prefix={artifacts}", str(corpus)]
        atheris.Setup([f"fuzz.{name}", *words], module.target)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
