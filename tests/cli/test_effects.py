"""Options that have no effect: an error on the command line, passed over in a file."""

import json
from pathlib import Path

import pytest
from helpers.command_results import assert_one_line_error
from helpers.evaluate_command import photo_data

from mtcnn_rt.cli import main
from mtcnn_rt.cli.bench import COMPARED
from mtcnn_rt.cli.config import leaves
from mtcnn_rt.cli.detector_options import SETTINGS
from mtcnn_rt.cli.painting import PAINTING
from mtcnn_rt.cli.process import OF_COPIES
from mtcnn_rt.cli.sparing import SPARING

NO_COPY = ("process", "clip.mp4", "--no-video", "--jsonl", "-")
SENT = ("process", "clip.mp4", "-o", "udp://me:secret@127.0.0.1:5004")
SHOWN = ("process", "clip.mp4", "-o", "camera:")
NO_IMAGE = ("image", "photo.png", "--no-images", "--json", "-")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*NO_COPY, "-o", "x.mp4"), "-o has no effect with --no-video"),
        ((*NO_COPY, "--out", "x"), "--out has no effect with --no-video"),
        ((*NO_COPY, "--codec", "libx264"), "--codec has no effect with --no-video"),
        ((*NO_COPY, "--quality", 9), "--quality has no effect with --no-video"),
        ((*NO_COPY, "--no-audio"), "--no-audio has no effect with --no-video"),
        ((*NO_COPY, "--no-subtitles"), "--no-subtitles has no effect with --no-video"),
        ((*NO_COPY, "--strip-metadata"), "--strip-metadata has no effect with --no-video"),
        ((*NO_COPY, "--keep-metadata"), "--keep-metadata has no effect with --no-video"),
        ((*NO_COPY, "--no-scores"), "--no-scores has no effect with --no-video"),
        ((*NO_COPY, "--anonymize", "blur"), "--anonymize has no effect with --no-video"),
        (("process", "clip.mp4", "-o", "x.mp4", "--out", "x"), "--out has no effect with -o"),
        ((*SENT, "--keep-metadata"), "--keep-metadata has no effect with -o udp://127.0.0.1:5004"),
        ((*SHOWN, "--keep-metadata"), "--keep-metadata has no effect with -o camera:"),
        ((*SHOWN, "--codec", "libx264"), "--codec has no effect with -o camera:"),
        ((*SHOWN, "--quality", 9), "--quality has no effect with -o camera:"),
        ((*SHOWN, "--encoder-preset", "slow"), "--encoder-preset has no effect with -o camera:"),
        ((*NO_IMAGE, "--out", "x"), "--out has no effect with --no-images"),
        ((*NO_IMAGE, "--style", "box"), "--style has no effect with --no-images"),
        (
            (*NO_IMAGE, "--anonymize", "blur", "--spare-region", "0,0,9,9"),
            "--anonymize has no effect with --no-images",
        ),
        (
            ("export", "photo.png", "--format", "coco", "--out", "x", "--url-prefix", "/a/"),
            "--url-prefix has no effect with --format coco",
        ),
        (
            ("train", "all", "--data", "photo.png", "--out", "x", "--workers", 2),
            "--workers needs mining = 'one pass' in --settings",
        ),
    ],
)
def test_an_option_without_effect_is_refused(run, save, clip, words, message):
    save("photo.png")
    result = run(*words)
    assert_one_line_error(result)
    assert result.stderr == f"mtcnn-rt: error: {message}\n"
    assert sorted(path.name for path in Path().iterdir()) == ["clip.mp4", "photo.png"]


def test_the_lists_of_options_name_parameters():
    commands = dict(leaves(main))
    process, bench = ({one.name for one in commands[name].params} for name in ("process", "bench"))
    assert process > OF_COPIES | SETTINGS
    assert OF_COPIES > PAINTING | SPARING
    assert bench > COMPARED


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("--min-face-size", 40), "--min-face-size"),
        (("--preset", "fast"), "--preset"),
        (("--threads", 1), "--threads"),
        (("--images", "truth"), "--images"),
        (("--max-pixels", 9), "--max-pixels"),
    ],
)
def test_detections_in_files_need_no_detector(run, tmp_path, words, option):
    for name in ("truth", "found"):
        (tmp_path / name).mkdir()
    command = ("evaluate", "wider", "--ground-truth", "truth", "--detections", "found")
    result = run(*command, *words)
    assert result.exit_code == 2
    assert result.stderr == f"mtcnn-rt: error: {option} has no effect without --model\n"


@pytest.fixture
def still(save, photo, tmp_path) -> Path:
    """A file of options that have no effect without others, beside a photo."""
    save("photo.png", photo)
    path = tmp_path / "own.toml"
    path.write_text(
        "margin = 0.3\nshape = 'box'\nblur-strength = 2\nblock-size = 9\nworkers = 2\n"
        "spare-region = ['0,0,9,9']\nspare-id = [1]\nno-scores = true\nurl-prefix = '/a/'\n"
        "fps = 30\nsize = '64x48'\nno-smooth = true\ncodec = 'libx264'\n"
    )
    return path


def test_options_of_a_file_without_effect_are_passed_over(run, still, clip):
    """The values are for other commands, or other calls."""
    words = ("image", "photo.png", "--json", "r.json", "--config", still)
    for more in ((), ("--no-images",), ("--anonymize", "pixelate")):
        result = run(*words, *more, "--overwrite")
        assert (result.exit_code, result.stderr) == (0, "")
    for more in (("-o", "a.mp4"), ("-o", "b.mp4", "--no-track"), ("--no-video", "--csv", "a.csv")):
        result = run("process", clip, "--config", still, *more)
        assert (result.exit_code, result.stderr) == (0, "")
    words = ("export", "r.json", "--format", "coco", "--out", "c.json", "--config", still)
    assert run(*words).exit_code == 0
    words = ("webcam", "--camera", clip, "--web", "127.0.0.1:0", "--config", still)
    assert run(*words).exit_code == 0


def test_the_command_line_comes_before_what_stands_in_for_it_in_a_file(
    run, save, photo, clip, tmp_path
):
    save("photo.png", photo)
    Path("own.toml").write_text("thresholds = [1, 1, 1]\noutput = 'x.mp4'\n")
    words = ("--config", "own.toml")
    assert json.loads(run(*NO_IMAGE, *words).stdout)[0]["faces"] == []
    assert len(json.loads(run(*NO_IMAGE, *words, "--preset", "balanced").stdout)[0]["faces"]) == 4
    photo_data(tmp_path, save, photo, {"boxes": [[1, 1, 50, 50]]})
    evaluation = run(
        "evaluate", "boxes", "--data", "data", "--preset", "fast", *words, "--json", "e"
    )
    assert evaluation.exit_code == 0, evaluation.stderr
    about = json.loads(Path("e").read_text())["about"]["detector"]
    assert about == "min_face_size 20, thresholds of preset fast"
    assert run("process", clip, *words, "--out", "there").exit_code == 0
    assert [path.name for path in Path("there").iterdir()] == ["clip.mp4"]
    assert not Path("x.mp4").exists()
    assert run("process", clip, *words).exit_code == 0
    assert Path("x.mp4").exists()
