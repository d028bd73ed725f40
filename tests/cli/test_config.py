"""Options from mtcnn-rt.toml, in the current folder and by --config."""

import json
import os
import re
from pathlib import Path

import pytest
from helpers.command_results import assert_one_line_error
from helpers.evaluate_command import photo_data, table

from mtcnn_rt.cli import main
from mtcnn_rt.cli.config import leaves, may_be_found, options_of

FOUND = "mtcnn-rt.toml: "
NOT_FOUND = (
    "not from a file in the current folder, which may be somebody else's; name it: "
    "--config mtcnn-rt.toml"
)


@pytest.fixture
def image(run, save, photo) -> list[str]:
    """A command that prints the faces of a photo as JSON."""
    save("photo.png", photo)
    return ["image", "photo.png", "--no-images", "--json", "-"]


def write(text: str, name: str = "mtcnn-rt.toml") -> None:
    Path(name).write_text(text)


def faces(result) -> int:
    assert result.exit_code == 0, result.stderr
    return len(json.loads(result.stdout)[0]["faces"])


def test_shared_options_a_table_and_the_command_line_come_in_this_order(run, image):
    """A minimum of 300 pixels leaves no face in the photo; one of 20 leaves four."""
    assert faces(run(*image)) == 4
    write("min-face-size = 300\n[process]\nmin-face-size = 30\n")
    assert faces(run(*image)) == 0
    write("min-face-size = 300\n[image]\nmin-face-size = 20\n")
    assert faces(run(*image)) == 4
    write("min-face-size = 20\n[image]\nmin-face-size = 300\n")
    assert faces(run(*image)) == 0
    assert faces(run(*image, "--min-face-size", "20")) == 4


def test_a_default_of_one_command_stays_beside_other_options(run, save, tmp_path, photo, faces):
    """`evaluate landmarks` finds faces from 60 pixels on, and misses one in half the photo."""
    half = {"landmarks": (faces.landmarks / 2).tolist()}
    photo_data(tmp_path, save, photo[::2, ::2], half)
    words = ["evaluate", "landmarks", "--data", "data", "--size", "320"]
    write("threads = 1\n")
    result = run(*words)
    assert result.stderr == "mtcnn-rt: options from mtcnn-rt.toml: threads\n"
    assert table(result)["distilled"]["missed"] == 1
    write("min-face-size = 20\n")
    result = run(*words)
    assert result.stderr == "mtcnn-rt: options from mtcnn-rt.toml: min-face-size\n"
    assert table(result)["distilled"]["missed"] == 0


def test_a_file_that_is_found_is_named_on_standard_error(run, image):
    summary = re.sub(r"\d+\.\d+ s", "", run(*image).stderr)
    write("min-face-size = 20.5\n[image]\nstyle = 'corners'\n[process]\nno-track = true\n")
    found = re.sub(r"\d+\.\d+ s", "", run(*image).stderr)
    assert found == "mtcnn-rt: options from mtcnn-rt.toml: style, min-face-size\n" + summary
    write("[process]\nno-track = true\n")
    assert "toml" not in run(*image).stderr
    write("style = 'corners'", "own.toml")
    named = run(*image, "--config", "own.toml", "--verbose").stderr
    assert named.startswith("mtcnn-rt: options from own.toml: style\n")


def test_a_file_that_is_named_gives_every_kind_of_option(run, image):
    write(
        'thresholds = [0.6, 0.7, 0.999]\nprovider = ["cpu"]\n'
        '[image]\nno-images = true\njson = "faces.json"\noverwrite = true\n',
        "own.toml",
    )
    for words in (["image", "photo.png", "--config", "own.toml"], ["image", "photo.png"]):
        before = [] if "--config" in words else ["--config", "own.toml"]
        result = run(*before, *words)
        assert result.exit_code == 0, result.stderr
        assert "own.toml" not in result.stderr
        assert len(json.loads(Path("faces.json").read_text())[0]["faces"]) == 4
        assert not Path("faces").exists()
    write("min-face-size = 300")  # is not read beside a file that is named
    run("--config", "own.toml", "image", "photo.png")
    assert len(json.loads(Path("faces.json").read_text())[0]["faces"]) == 4


def test_a_required_option_may_come_from_the_file(run, image):
    write('[batch]\nout = "faces.jsonl"\nworkers = 1\n', "own.toml")
    assert run("batch", "photo.png", "--config", "own.toml").exit_code == 0
    assert len(Path("faces.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("min-face-sise = 3", "min-face-sise: no such option; did you mean min-face-size?"),
        ("min_face_size = 3", "min_face_size: no such option; did you mean min-face-size?"),
        ("config = 'x'", "config: no such option"),
        ("[imag]", "[imag]: no such command; did you mean image?"),
        ("[evaluate]\nplot = 'x'", "[evaluate]: no such command"),
        ("[image]\nno-track = true", "[image] no-track: no such option"),
        ("[webcam]\nmirrored = true", "[webcam] mirrored: no such option; did you mean mirror?"),
        ("[evaluate.wider]\nfoo = 1", "[evaluate wider] foo: no such option"),
        ("[image]\nmin-face-size = 'a'", "[image] min-face-size: expected a number, not 'a'"),
        ("min-face-size = true", "min-face-size: expected a number, not True"),
        ("threads = 1.5", "threads: expected a whole number, not 1.5"),
        ("no-scores = 1", "no-scores: expected true or false, not 1"),
        ("style = 3", "style: expected a text, not 3"),
        ("style = 'x'", "style: 'x' is not one of 'box', 'corners', 'rounded'."),
        ("margin = 11", "margin: 11.0 is not in the range 0<=x<=10."),
        ("thresholds = [1, 2]", "thresholds: expected a list of 3, not [1, 2]"),
        ("thresholds = 1", "thresholds: expected a list of 3, not 1"),
        ("x", "Expected '=' after a key in a key/value pair (at end of document)"),
        ("a = 1\na = 2", "Cannot overwrite a value"),
        ("provider = ['cpu']", f"provider: {NOT_FOUND}"),
        ("model = '/somewhere'", f"model: {NOT_FOUND}"),
        ("overwrite = true", f"overwrite: {NOT_FOUND}"),
        ("max-pixels = 1000000000", f"max-pixels: {NOT_FOUND}"),
        ("[image]\nout = '..'", f"[image] out: {NOT_FOUND}"),
    ],
)
def test_a_fault_is_one_line_with_the_file_and_the_key(run, image, text, reason):
    write(text)
    result = run(*image)
    assert_one_line_error(result)
    assert result.stderr.startswith(f"mtcnn-rt: error: {FOUND}{reason}")
    assert result.stdout == ""


@pytest.mark.parametrize("place", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_is_one_line(run, image, place):
    result = run(*image, "--config", place)
    assert_one_line_error(result)
    assert place in result.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_does_not_block(run, image):
    os.mkfifo("mtcnn-rt.toml")
    assert_one_line_error(run(*image))


def test_a_link_to_nothing_is_named(run, image, tmp_path):
    try:
        (tmp_path / "mtcnn-rt.toml").symlink_to("gone.toml")
    except OSError:
        pytest.skip("links need a right here")
    result = run(*image)
    expected = "mtcnn-rt: error: mtcnn-rt.toml: No such file or directory\n"
    assert (result.exit_code, result.stderr) == (2, expected)


def test_another_encoding_is_named(run, image, tmp_path):
    (tmp_path / "mtcnn-rt.toml").write_text("min-face-size = 40\n", encoding="utf-16")
    result = run(*image)
    expected = "mtcnn-rt: error: mtcnn-rt.toml: not UTF-8; save it with this encoding\n"
    assert (result.exit_code, result.stderr) == (2, expected)


def test_a_large_file_is_not_read(run, image):
    write("#" * (1 << 20) + "\n")
    result = run(*image)
    assert_one_line_error(result)
    assert "mtcnn-rt.toml: 1048577 bytes are more than the 1048576" in result.stderr


def test_a_file_that_is_found_does_not_decide_what_is_covered(run, image):
    write("thresholds = [1, 1, 1]\n")
    covered = ["image", "photo.png", "--anonymize", "solid"]
    result = run(*covered)
    assert_one_line_error(result)
    assert "could leave faces uncovered" in result.stderr
    assert not Path("faces").exists()
    assert run(*covered, "--config", "mtcnn-rt.toml").exit_code == 0
    write("[process]\nthresholds = [1, 1, 1]\n")  # gives this command nothing
    assert run(*covered, "--overwrite").exit_code == 0
    write("anonymize = 'solid'\nmargin = 0.3\n")  # nobody has asked for less
    assert run("image", "photo.png", "--overwrite").exit_code == 0


def test_a_file_that_is_found_gives_no_names():
    """Files, folders, addresses and libraries are named on the command line alone."""
    found = {
        key
        for name, command in leaves(main)
        for key, option in options_of(command).items()
        if may_be_found(key, option)
    }
    assert {"min-face-size", "style", "workers", "verbose", "anonymize", "rotations"} <= found
    assert not found & {
        *("out", "output", "csv", "jsonl", "record", "save-crops", "model", "init"),
        *("data", "images", "settings", "camera", "web", "web-public", "allow-host", "codec"),
        *("overwrite", "max-pixels", "provider", "config"),
    }


def test_every_option_of_every_command_has_a_name_in_files():
    for name, command in leaves(main):
        options = options_of(command)
        given = [one for one in command.params if hasattr(one, "is_flag")]
        assert len(options) == len(given) - 1, name  # all but --config
        assert {"verbose"} < set(options), name


def test_info_names_the_file(run):
    assert json.loads(run("info", "--json").stdout)["config"] is None
    write("verbose = false")
    path = str(Path("mtcnn-rt.toml").absolute())
    assert json.loads(run("info", "--json").stdout)["config"] == path
    assert f"config           {path}" in run("info").stdout


def test_help_and_completion_do_not_read_the_file(run):
    write("nonsense")
    assert run("image", "--help").exit_code == 0
    assert run("--version").exit_code == 0


def test_the_file_in_the_documents_is_right(run, image):
    page = Path(__file__).resolve().parents[2] / "docs/reference/command-line.md"
    block = re.search(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    write(block[1])
    result = run(*image)
    assert faces(result) == 4
    assert result.stderr.startswith("mtcnn-rt: options from mtcnn-rt.toml: style, min-face-size, ")
