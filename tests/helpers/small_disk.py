"""Runs commands on small disks: python -m helpers.small_disk JOB.json, in a mount namespace.

The job has `option` of the disk and the `sizes` to put in it, such as "size={}k" and [4, 8];
`inputs`, the folder to run in; `words` of `mtcnn-rt`, in which DISK stands for the folder of the
small disk; `modules` to import once; and `results`, a folder. For each size, this has then in
`SIZE/files` what was on the disk after the command, and `SIZE/status.json` with its exit status and
standard error.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any


def is_allowed() -> bool:
    """Returns true if a process may mount a disk in a namespace of its own."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/tmp"]
    return subprocess.run(command, capture_output=True).returncode == 0


def run_job(job: dict[str, Any], folder: Path) -> None:
    """Runs the commands of a job, in a process of their own."""
    file = folder / "job.json"
    file.write_text(json.dumps(job))
    words = [sys.executable, "-m", "helpers.small_disk", str(file)]
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    done = subprocess.run(
        ["unshare", "-rm", *words],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def _main(job: dict[str, Any]) -> None:
    for module in ("mtcnn_rt.cli", *job["modules"]):
        importlib.import_module(module)
    results = Path(job["results"])
    disk = results / "disk"
    disk.mkdir(parents=True)
    for size in job["sizes"]:
        options = job["option"].format(size)
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", disk], check=True)
        _run(job, disk, results / str(size))
        subprocess.run(["umount", disk], check=True)


def _run(job: dict[str, Any], disk: Path, result: Path) -> None:
    result.mkdir()
    words = [word.replace("DISK", str(disk)) for word in job["words"]]
    pid = os.fork()
    if pid == 0:
        _be_the_command(words, Path(job["inputs"]), result)
    _, status = os.waitpid(pid, 0)
    ended = {
        "status": os.waitstatus_to_exitcode(status),
        "errors": (result / "errors").read_text(),
    }
    (result / "status.json").write_text(json.dumps(ended))
    shutil.copytree(disk, result / "files", symlinks=True)


def _be_the_command(words: list[str], inputs: Path, result: Path) -> None:
    """Runs the command in this process, a child, and ends it."""
    from mtcnn_rt.cli import main

    os.chdir(inputs)
    output = os.open(os.devnull, os.O_WRONLY)
    errors = os.open(result / "errors", os.O_WRONLY | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    try:
        main(words)
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 1)
    finally:
        os._exit(99)


if __name__ == "__main__":
    _main(json.loads(Path(sys.argv[1]).read_text()))
