"""Tests that no output of a command replaces one of its inputs, or another output."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers.data_sets import write_fddb_folds, write_wider_detections, write_wider_truth
from helpers.evaluate_command import annotate

from mtcnn_rt.model import PUBLISHED

NEVER = "never overwritten"


@dataclass(frozen=True)
class Case:
    """A command with the files that it reads.

    words: the command line without outputs. files: options of output files. folders: options of
    output folders, and a file that is written there. inputs: files that the command reads.
    extension: that of output files; without one, any will do.
    """

    words: list[str]
    inputs: list[str]
    files: list[str] = field(default_factory=list)
    folders: dict[str, str] = field(default_factory=dict)
    extension: str = ""


MODEL = ["m/model.json", "m/pnet.onnx", "m/pnet.npy"]
EVALUATE = ["--json", "--plot", "--report"]
WIDER = [f"truth/wider_{part}_val.mat" for part in ("face", "easy", "medium", "hard")]
CASES = {
    "image": Case(
        ["image", "photo.png", "dir", "--model", "m"],
        ["photo.png", "dir/b.png", *MODEL],
        ["--json", "--csv"],
        {"--out": "photo.png"},
    ),
    "crops": Case(
        ["crops", "photo.png", "dir", "--model", "m"],
        ["photo.png", "dir/b.png", *MODEL],
        ["--json"],
        {"--out": "photo-1.png"},
    ),
    "batch": Case(
        ["batch", "photo.png", "dir", "images.tar", "clip.mp4", "--model", "m", "--every", "50"],
        ["photo.png", "dir/b.png", "images.tar", "clip.mp4", *MODEL],
        ["--out"],
        extension=".jsonl",
    ),
    "process": Case(
        ["process", "clip.mp4", "--model", "m"],
        ["clip.mp4", *MODEL],
        ["-o", "--jsonl", "--csv"],
        {"--save-crops": "frame-000000-id-1.png"},
    ),
    "process without a video": Case(
        ["process", "clip.mp4", "--no-video", "--model", "m"],
        ["clip.mp4", *MODEL],
        ["--jsonl", "--csv"],
    ),
    "process a playlist": Case(
        ["process", "hls/all.m3u8", "--model", "m"],
        ["hls/all.m3u8", "hls/list.m3u8", "hls/parts/0.ts", "hls/1 2.ts", "hls/key.bin"],
        ["-o", "--jsonl", "--csv"],
    ),
    "process a list of FFmpeg": Case(
        ["process", "list.txt"], ["list.txt", "hls/parts/0.ts", "clip.mp4"], ["-o", "--jsonl"]
    ),
    "process joined files": Case(
        ["process", "concat:hls/parts/0.ts|clip.mp4"], ["hls/parts/0.ts", "clip.mp4"], ["-o"]
    ),
    "process a manifest": Case(
        ["process", "dash/a.mpd"], ["dash/a.mpd", "dash/init.m4s"], ["--jsonl"]
    ),
    "webcam": Case(
        ["webcam", "--camera", "clip.mp4", "--model", "m"], ["clip.mp4", *MODEL], ["--record"]
    ),
    "evaluate boxes": Case(
        ["evaluate", "boxes", "--data", "data", "--model", "m"],
        ["data/annotations.jsonl", "data/images/a.png", *MODEL],
        EVALUATE,
    ),
    "evaluate boxes of a tar": Case(
        ["evaluate", "boxes", "--data", "data/annotations.jsonl", "--images", "images.tar"],
        ["data/annotations.jsonl", "images.tar"],
        EVALUATE,
    ),
    "evaluate landmarks": Case(
        ["evaluate", "landmarks", "--data", "celeba/list_landmarks_celeba.txt", "--model", "m"],
        [
            *(f"celeba/list_{name}.txt" for name in ("landmarks_celeba", "bbox_celeba")),
            *("celeba/list_eval_partition.txt", "celeba/images/a.png", *MODEL),
        ],
        EVALUATE,
    ),
    "evaluate wider": Case(
        [
            *("evaluate", "wider", "--ground-truth", "truth", "--images", "events"),
            *("--detections", "d=detections", "--model", "m"),
        ],
        [*WIDER, "events/0--A/a.jpg", "detections/0--A/a.txt", *MODEL],
        EVALUATE,
    ),
    "evaluate fddb": Case(
        [
            *("evaluate", "fddb", "--folds", "folds", "--images", "fddb"),
            *("--detections", "d=found.txt", "--model", "m"),
        ],
        ["folds/FDDB-fold-01-ellipseList.txt", "fddb/a.jpg", "found.txt", *MODEL],
        EVALUATE,
    ),
    "convert": Case(
        ["convert", "sources", "--name", "x"], ["sources/det1.caffemodel"], [], {"--out": "x.npy"}
    ),
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A folder with all the inputs."""
    folder = tmp_path_factory.mktemp("inputs")
    plain = np.full((48, 64, 3), 128, np.uint8)
    for name in (
        *("photo.png", "dir/b.png", "data/images/a.png", "celeba/images/a.png"),
        *("events/0--A/a.jpg", "fddb/a.jpg"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), plain)
    shutil.copytree(PUBLISHED, folder / "m")
    shutil.copy(PUBLISHED.parents[1] / "sample.mp4", folder / "clip.mp4")
    (folder / "hls" / "parts").mkdir(parents=True)
    (folder / "hls" / "all.m3u8").write_text(
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\nlist.m3u8\nhttp://example.com/a.m3u8\n"
    )
    (folder / "hls" / "list.m3u8").write_text(
        '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="key.bin"\n#EXTINF:1,\nparts/0.ts?a=b\n'
        "#EXTINF:1,\n1%202.ts\nall.m3u8\n"
    )
    for name in ("hls/parts/0.ts", "hls/1 2.ts", "hls/key.bin"):
        (folder / name).write_bytes(b"segment")
    (folder / "list.txt").write_text("ffconcat version 1.0\nfile 'hls/parts/0.ts'\nfile clip.mp4\n")
    (folder / "dash").mkdir()
    (folder / "dash" / "a.mpd").write_text('<?xml version="1.0"?>\n<MPD></MPD>\n')
    (folder / "dash" / "init.m4s").write_bytes(b"segment")
    box = {"image": "a.png", "boxes": [[0, 0, 30, 30]]}
    annotate(folder / "data" / "annotations.jsonl", box)
    subprocess.run(["tar", "-cf", folder / "images.tar", "-C", folder / "data/images", "a.png"])
    celeba = folder / "celeba"
    eyes = " ".join(f"{side}eye_{axis}" for side in ("left", "right") for axis in "xy")
    points = "1 1 9 1 5 5 2 9 8 9"
    (celeba / "list_landmarks_celeba.txt").write_text(f"1\n{eyes}\na.png {points}\n")
    (celeba / "list_bbox_celeba.txt").write_text("1\nimage_id x_1 y_1 w h\na.png 0 0 30 30\n")
    (celeba / "list_eval_partition.txt").write_text("a.png 0\n")
    (folder / "truth").mkdir()
    all_faces = {"easy": [0], "medium": [0], "hard": [0]}
    wider = {"event": "0--A", "name": "a", "faces": [[0, 0, 30, 30]], **all_faces}
    write_wider_truth(folder / "truth", [wider])
    write_wider_detections(folder / "detections", "0--A", "a", [[0, 0, 30, 30, 0.9]])
    write_fddb_folds(folder / "folds", [{"a": [[10, 8, 0, 20, 20]]}])
    (folder / "found.txt").write_text("a\n1\n0 0 30 30 0.9\n")
    (folder / "sources").mkdir()
    (folder / "sources" / "det1.caffemodel").write_bytes(b"weights")
    return folder


@pytest.fixture
def inputs(prepared, tmp_path) -> Path:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return tmp_path


def link(how: str, target: Path, name: Path) -> Path:
    """Returns a path that leads to the target."""
    if how == "path":
        return target
    name.parent.mkdir(parents=True, exist_ok=True)
    if how == "symlink":
        name.symlink_to(target.resolve())
    else:
        os.link(target, name)
    return name


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("how", ["path", "symlink", "hard link"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_no_output_file_replaces_an_input(run, inputs, case, how):
    for option in case.files:
        for index, name in enumerate(case.inputs):
            if how == "path" and not name.endswith(case.extension):
                continue  # no output can have this name
            extension = case.extension or ".mp4"
            output = link(how, inputs / name, inputs / f"link-{option[-3:]}-{index}{extension}")
            before = contents(inputs)
            result = run(*case.words, option, output, "--overwrite")
            assert result.exit_code == 2, (option, name, result.output)
            assert NEVER in result.stderr, (option, name, result.stderr)
            assert option in result.stderr
            assert result.stderr.count("\n") == 1
            assert contents(inputs) == before


@pytest.mark.parametrize("how", ["symlink", "hard link"])
@pytest.mark.parametrize("case", [c for c in CASES.values() if c.folders], ids=lambda c: c.words[0])
def test_no_file_in_an_output_folder_replaces_an_input(run, inputs, photo, case, how):
    cv2.imwrite(str(inputs / "photo.png"), photo)
    for option, written in case.folders.items():
        for index, name in enumerate(case.inputs):
            folder = inputs / f"out-{index}"
            link(how, inputs / name, folder / written)
            before = contents(inputs)
            result = run(*case.words, option, folder, "--overwrite")
            assert result.exit_code in (1, 2)
            assert NEVER in result.stderr or "it is an input" in result.stderr, result.stderr
            assert {path: before[path] for path in before} == {
                path: content for path, content in contents(inputs).items() if path in before
            }


@pytest.mark.parametrize("how", ["path", "symlink", "hard link"])
@pytest.mark.parametrize(
    ("words", "one", "other"),
    [
        (["image", "photo.png", "--no-images"], "--json", "--csv"),
        (["process", "clip.mp4"], "-o", "--jsonl"),
        (["process", "clip.mp4", "--no-video"], "--jsonl", "--csv"),
        (["evaluate", "boxes", "--data", "data"], "--json", "--plot"),
        (["evaluate", "fddb", "--folds", "folds", "--images", "fddb"], "--plot", "--report"),
    ],
)
def test_two_outputs_at_one_place_are_refused(run, inputs, words, one, other, how):
    first = inputs / "r.mp4"
    first.write_text("older")
    second = link(how, first, inputs / "second.mp4")
    result = run(*words, one, first, other, second, "--overwrite")
    assert result.exit_code == 2
    assert f"{one} and {other} are the same file" in result.stderr
    assert first.read_text() == "older"


def test_outputs_that_do_not_exist_yet_are_compared_by_place(run, inputs):
    (inputs / "d").mkdir()
    (inputs / "e").symlink_to(inputs / "d")
    result = run("image", "photo.png", "--json", "d/r", "--csv", "e/../d/./r")
    assert (result.exit_code, "are the same file" in result.stderr) == (2, True)
    assert os.listdir("d") == []


def test_a_copy_does_not_take_the_place_of_the_records(run, inputs):
    (inputs / "o").mkdir()
    result = run("image", "photo.png", "dir", "--out", "o", "--json", "o/photo.png")
    assert result.exit_code == 1
    assert result.stderr.startswith("mtcnn-rt: cannot write o/photo.png: another output has")
    assert sorted(os.listdir("o")) == ["b.png", "photo.png"]
    assert [record["image"] for record in json.loads(Path("o/photo.png").read_bytes())] == [
        "dir/b.png"
    ]


def test_the_files_of_the_package_are_inputs_too(run, inputs):
    for words, target in (
        (["process", "--sample", "--jsonl"], PUBLISHED.parents[1] / "sample.mp4"),
        (["image", "photo.png", "--json"], PUBLISHED / "model.json"),
        (["evaluate", "boxes", "--data", "data", "--json"], PUBLISHED / "rnet.npy"),
    ):
        before = target.read_bytes()
        result = run(*words, target, "--overwrite")
        assert (result.exit_code, NEVER in result.stderr) == (2, True), result.stderr
        assert target.read_bytes() == before
    result = run("convert", "sources", "--out", PUBLISHED, "--overwrite")
    assert (result.exit_code, NEVER in result.stderr) == (2, True)


def test_the_file_at_standard_input_is_an_input(program, inputs):
    before = (inputs / "clip.mp4").read_bytes()
    with (inputs / "clip.mp4").open("rb") as clip:
        words = ["process", "-", "-o", "clip.mp4", "--overwrite"]
        done = subprocess.run(
            [*program, *words], cwd=inputs, stdin=clip, capture_output=True, text=True
        )
    assert (done.returncode, NEVER in done.stderr) == (2, True), done.stderr
    assert (inputs / "clip.mp4").read_bytes() == before


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".csv"])
@pytest.mark.parametrize("options", [["--overwrite"], ["--resume"], []])
@pytest.mark.parametrize("source", ["r{}.partial", "photo.png"])
def test_images_in_the_folder_of_unfinished_results_stay(run, inputs, suffix, options, source):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    folder = inputs / f"r{suffix}.partial"
    shutil.copytree(inputs / "dir", folder)
    before = contents(inputs)
    for _ in range(2):  # the second time, the results may exist
        run("batch", source.format(suffix), "--out", f"r{suffix}", "--workers", "1", *options)
    assert before.items() <= contents(inputs).items()


def test_a_resumed_training_does_not_replace_its_data(run, inputs):
    pytest.importorskip("torch")
    out = inputs / "run"
    out.mkdir()
    data = {"networks": ["pnet"], "data": [str(inputs / "data" / "annotations.jsonl")]}
    plan = {**data, "images": None, "format": None, "split": "train", "init": "published"}
    (out / "run.json").write_text(json.dumps({**plan, "scratch": False}))
    (out / "settings.toml").write_text("")
    link("hard link", inputs / "data" / "annotations.jsonl", out / "log.csv")
    before = contents(inputs)
    result = run("train", "pnet", "--out", "run", "--resume", "--device", "cpu")
    assert (result.exit_code, NEVER in result.stderr) == (2, True), result.stderr
    assert contents(inputs) == before


def test_an_earlier_result_in_the_folder_of_the_data_may_be_replaced(run, inputs):
    words = ["evaluate", "boxes", "--data", "data", "--json", "data/r.json", "--overwrite"]
    assert [run(*words).exit_code for _ in range(2)] == [0, 0]
