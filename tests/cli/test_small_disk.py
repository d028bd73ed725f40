"""Runs commands on disks of every size: outputs are whole or absent, and each error is one line."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from helpers.small_disk import is_allowed, run_job
from helpers.whole_files import check_whole

from mtcnn_rt._files.temporary import PREFIX

pytestmark = pytest.mark.skipif(not is_allowed(), reason="disks cannot be mounted here")

FULL = os.strerror(28)
OUTPUTS = {
    "image": ["--out", "DISK/out", "--json", "DISK/out.json", "--csv", "DISK/out.csv"],
    "crops": ["--out", "DISK/out", "--json", "DISK/out.json"],
    "evaluate": ["--json", "DISK/out.json", "--plot", "DISK/plot.png", "--report", "DISK/r.html"],
    "convert": ["--out", "DISK/out"],
    "process": ["-o", "DISK/out.mp4", "--jsonl", "DISK/out.jsonl", "--csv", "DISK/out.csv"],
    "train": ["--out", "DISK/run"],
}
INPUTS = {
    "image": ["image", "photos"],
    "crops": ["crops", "photos"],
    "evaluate": ["evaluate", "boxes", "--data", "data"],
    "convert": ["convert", "weights"],
    "process": ["process", "clip.mp4"],
    "train": [
        *("train", "all", "--data", "drawn", "--init", "published", "--settings", "quick.toml"),
        *("--threads", "1"),
    ],
}
MODULES = {"convert": ["onnx"], "train": ["mtcnn_rt.training.cascade"]}
NEEDS = {"convert": ["onnx", "joblib"], "train": ["torch"], "evaluate": ["matplotlib"]}
QUICK = """\
batch_size = 20
mining_scales = [1]
negatives_per_image = 4
[pnet]
steps = 4
[rnet]
steps = 4
[onet]
steps = 4
"""
LARGE = 1 << 18  # KB, more than any command needs
OPTIONS = {"space": "size={}k", "files": "nr_inodes={}"}
QUICK_CASES = {
    **{("space", command): 5 for command in OUTPUTS},
    ("space", "train"): 3,
    ("files", "image"): 3,
    ("files", "convert"): 4,
}
MANY = 100
CASES = [
    *(pytest.param(*case, number, id="-".join(case)) for case, number in QUICK_CASES.items()),
    *(
        pytest.param(limit, command, MANY, id=f"{limit}-{command}-many", marks=pytest.mark.slow)
        for limit in OPTIONS
        for command in OUTPUTS
    ),
]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory, command_inputs, drawn) -> Path:
    folder = tmp_path_factory.mktemp("small")
    shutil.copytree(command_inputs, folder, dirs_exist_ok=True)
    shutil.copytree(drawn, folder / "drawn")
    (folder / "quick.toml").write_text(QUICK)
    return folder


@pytest.mark.parametrize(("limit", "command", "number"), CASES)
def test_outputs_on_a_disk_of_any_size_are_whole_or_absent(
    request, inputs, tmp_path, limit, command, number
):
    for module in NEEDS.get(command, []):
        pytest.importorskip(module)
    if command == "convert" and not (inputs / "weights").exists():
        shutil.copytree(request.getfixturevalue("weights"), inputs / "weights")
    job = {
        "inputs": str(inputs),
        "words": [*INPUTS[command], *OUTPUTS[command]],
        "modules": MODULES.get(command, []),
    }
    whole = tmp_path / "whole"
    run_job({**job, "option": "size={}k", "sizes": [LARGE], "results": str(whole)}, tmp_path)
    whole = whole / str(LARGE)
    assert json.loads((whole / "status.json").read_text())["status"] == 0
    names = files_in(whole / "files")
    most = sum(4 * -(-file.stat().st_size // 4096) for file in names.values())
    if limit == "files":
        most = len(list((whole / "files").rglob("*"))) + 1  # the disk's own folder
    sizes = sorted({1 + round(index * most / number) for index in range(number)} | {most + 1})
    results = tmp_path / "results"
    option = OPTIONS[limit]
    run_job({**job, "option": option, "sizes": sizes, "results": str(results)}, tmp_path)
    statuses = set()
    for size in sizes:
        ended = json.loads((results / str(size) / "status.json").read_text())
        statuses.add(ended["status"])
        check(command, ended, files_in(results / str(size) / "files"), names)
    assert statuses & {1, 2}, statuses


def files_in(folder: Path) -> dict[str, Path]:
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}


def check(
    command: str, ended: dict[str, Any], found: dict[str, Path], names: dict[str, Path]
) -> None:
    """Checks what a command left on a small disk against what it leaves on a large one."""
    assert ended["status"] in (0, 1, 2), ended
    complaints = [line for line in ended["errors"].splitlines() if line.startswith("mtcnn-rt: ")]
    assert bool(complaints) == (ended["status"] != 0), ended
    for line in complaints:
        assert FULL in line, line
        assert "/disk/" in line or line.endswith("/disk"), line
        assert PREFIX not in line, line
    assert "Traceback" not in ended["errors"]
    if command != "train":
        assert complaints == ended["errors"].splitlines()
    if command not in ("image", "crops"):
        assert len(complaints) <= 1, complaints
    if ended["status"] == 0:
        assert found.keys() == names.keys()
    for name, file in found.items():
        assert PREFIX not in name
        if name.endswith("log.jsonl"):
            assert names[name].read_bytes().startswith(file.read_bytes())
        elif ".parts" in name or name.endswith((".json", ".csv", ".pt")):
            check_whole(file)
        else:
            assert file.read_bytes() == names[name].read_bytes(), name
