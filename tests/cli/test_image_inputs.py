"""Tests of `mtcnn-rt image` on the files that people bring."""

import io
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest

from mtcnn_rt.images import read_image


@pytest.fixture
def rgb(photo) -> PIL.Image.Image:
    """The photo with four faces."""
    return PIL.Image.fromarray(photo[..., ::-1])


def erased(rgb: PIL.Image.Image) -> PIL.Image.Image:
    """Returns the image with everything transparent, and the colors still there."""
    pixels = np.dstack([np.asarray(rgb), np.zeros(rgb.size[::-1], np.uint8)])
    return PIL.Image.fromarray(pixels)


@pytest.mark.parametrize(
    ("extension", "options"),
    [("png", {}), ("webp", {"lossless": True, "exact": True}), ("tiff", {}), ("avif", {})],
)
@pytest.mark.parametrize("command", ["image", "crops"])
def test_what_transparency_hides_is_neither_found_nor_shown(
    run, tmp_path, rgb, extension, options, command
):
    erased(rgb).save(tmp_path / f"erased.{extension}", **options)
    words = ["--anonymize", "solid"] if command == "image" else []
    result = run(command, f"erased.{extension}", "--out", "o", *words, "--json", "r.json")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("1 images, 0 faces")
    copies = list(Path("o").glob("*"))
    if command == "image":
        [copy] = copies
        pixels = cv2.imread(str(copy), cv2.IMREAD_UNCHANGED)
        assert pixels.shape[2] == 3
        assert (pixels == 255).all()
    else:
        assert copies == []


@pytest.mark.parametrize("extension", ["gif", "png", "webp", "avif"])
@pytest.mark.parametrize("command", ["image", "crops"])
def test_an_animation_is_refused_by_name(run, tmp_path, rgb, extension, command):
    black = PIL.Image.new("RGB", rgb.size)
    name = f"moving.{extension}"
    black.save(tmp_path / name, save_all=True, append_images=[rgb, rgb], duration=100)
    rgb.save(tmp_path / "still.png")
    result = run(command, name, "still.png", "--out", "o")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"mtcnn-rt: cannot read {name}: an animation with several")
    assert "`mtcnn-rt process`" in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout.startswith("1 images, 4 faces")
    assert all(path.name.startswith("still") for path in Path("o").iterdir())


@pytest.mark.parametrize("extension", ["gif", "webp", "avif", "png"])
def test_one_frame_is_no_animation(run, tmp_path, rgb, extension):
    rgb.save(tmp_path / f"still.{extension}")
    result = run("image", f"still.{extension}", "--no-images", "--json", "r.json")
    assert (result.exit_code, result.stdout[:17]) == (0, "1 images, 4 faces")


def test_pages_of_a_tiff_are_not_left_out_silently(run, tmp_path, rgb):
    rgb.save(tmp_path / "pages.tiff", save_all=True, append_images=[rgb])
    result = run("image", "pages.tiff")
    assert result.exit_code == 2
    assert result.stderr == (
        "mtcnn-rt: cannot read pages.tiff: it has several pages; split it into files of one page\n"
    )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_avif_is_upright(run, tmp_path, rgb, orientation):
    exif = PIL.Image.Exif()
    exif[274] = orientation
    lying = PIL.Image.fromarray(np.asarray(rgb))
    undo = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    if undo is not None:
        lying = lying.transpose(PIL.Image.Transpose(undo))
    lying.save(tmp_path / "turned.avif", exif=exif, quality=90)
    result = run("image", "turned.avif", "--no-images", "--json", "r.json")
    assert result.exit_code == 0
    [record] = json.loads(Path("r.json").read_text())
    assert (record["width"], record["height"], len(record["faces"])) == (*rgb.size, 4)


def test_images_that_cannot_be_decoded_are_named(run, tmp_path, rgb, monkeypatch):
    monkeypatch.setattr("mtcnn_rt._images.heic.is_decodable", lambda: False)
    folder = tmp_path / "mixed"
    folder.mkdir()
    jpeg = io.BytesIO()
    rgb.save(jpeg, "JPEG", quality=95)
    tiff = io.BytesIO()
    rgb.resize((64, 36)).save(tiff, "TIFF")
    for name, content in {
        **{f"a.{kind}": jpeg.getvalue() for kind in ("jpg", "jfif", "heic")},
        "b.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "b.jxl": b"\xff\x0a" + bytes(64),
        "b.nef": tiff.getvalue(),  # as raw files begin; the image in it is a preview
        "b.txt": b"no image",
    }.items():
        (folder / name).write_bytes(content)
    for options, status in (([], 0), (["--anonymize", "blur"], 1)):
        result = run("image", "mixed", *options, "--out", f"o{status}", "--json", f"r{status}")
        assert result.exit_code == status, result.stderr
        lines = result.stderr.splitlines()
        assert [line.split(":")[1] for line in lines] == [
            f" cannot read mixed/b.{kind}" for kind in ("heic", "jxl", "nef")
        ]
        assert len(json.loads(Path(f"r{status}").read_text())) == 3
        copies = sorted(path.name for path in Path(f"o{status}").iterdir())
        assert copies == ["a-2.jpg", "a.jpg", "a.png"]
    result = run("image", "mixed/b.heic")
    assert result.exit_code == 2
    assert (
        "HEIC, which needs pillow-heif: pip install pillow-heif; or convert it to JPEG"
        in result.stderr
    )


@pytest.mark.parametrize("command", ["image", "crops", "process"])
def test_a_raw_file_that_is_named_is_not_taken_for_its_preview(run, tmp_path, rgb, command):
    rgb.resize((64, 36)).save(tmp_path / "preview.nef", "TIFF")
    result = run(command, "preview.nef")
    reason = "a camera's raw file, which no library here decodes; convert it to JPEG or PNG"
    assert result.exit_code == 2
    assert f"cannot read preview.nef: {reason}\n" in result.stderr
    with pytest.raises(ValueError, match=f"^cannot read preview.nef: {reason}$"):
        read_image("preview.nef")
    rgb.save(tmp_path / "photo.nef", "JPEG")
    assert run(command, "photo.nef").exit_code == 0


@pytest.mark.parametrize("cut", [2, 1, 40])
def test_a_jpeg_without_its_end_works_and_says_so(run, tmp_path, rgb, cut):
    jpeg = io.BytesIO()
    rgb.save(jpeg, "JPEG", quality=95)
    (tmp_path / "no-end.jpg").write_bytes(jpeg.getvalue()[:-cut])
    result = run("image", "no-end.jpg", "--json", "r.json")
    assert result.exit_code == 1
    assert result.stderr == (
        "mtcnn-rt: no-end.jpg: the end of the file is missing, and maybe a part of the image\n"
    )
    assert "1 images, 4 faces" in result.stdout
    assert result.stdout.split(":")[0].endswith(", 1 damaged")
    assert cv2.imread("faces/no-end.jpg").shape == (360, 640, 3)


@pytest.mark.parametrize("shape", [(1, 50), (50, 1), (1, 1), (13, 12)])
@pytest.mark.parametrize("options", [[], ["--anonymize", "blur"]])
def test_images_of_one_pixel_of_width_or_height(run, save, shape, options):
    save("thin.png", np.full((*shape, 3), 90, np.uint8))
    result = run("image", "thin.png", *options)
    assert (result.exit_code, result.stderr) == (0, "")
    assert cv2.imread("faces/thin.png").shape == (*shape, 3)


def test_too_many_pixels_are_refused_before_decoding(run, save, tmp_path):
    save("a.png", np.zeros((100, 201, 3), np.uint8))
    save("b.png", np.zeros((100, 200, 3), np.uint8))
    for command in ("image", "crops"):
        result = run(command, "a.png", "b.png", "--max-pixels", 20000, "--out", command)
        assert result.exit_code == 1
        assert result.stderr == (
            "mtcnn-rt: cannot read a.png: 201 x 100 pixels are more than 20000; max_pixels, or "
            "--max-pixels, allows more\n"
        )
    assert run("image", "a.png", "--max-pixels", 0).exit_code == 2


def test_libraries_do_not_drown_the_line_of_a_broken_file(run_program, tmp_path, rgb):
    png = io.BytesIO()
    rgb.save(png, "PNG")
    for index in range(5):
        (tmp_path / f"{index}.png").write_bytes(png.getvalue()[: 5000 + index])
    result = run_program("image", *(f"{index}.png" for index in range(5)))
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        *(
            f"mtcnn-rt: cannot read {index}.png: the end of the file is missing"
            for index in range(5)
        )
    ]


def test_names_cannot_control_the_terminal(run_program, tmp_path, rgb):
    name = "\x1b]0;title\x07\x1b[2J\u202egnp.exe.png"
    rgb.save(tmp_path / "ok.png")
    (tmp_path / name).write_bytes(b"not an image")
    result = run_program("image", name, "ok.png", "--out", "o\x1b[31m")
    assert result.returncode == 1
    assert "\x1b" not in result.stderr + result.stdout
    assert "\u202e" not in result.stderr
    assert r"cannot read \x1b]0;title\x07\x1b[2J\u202egnp.exe.png: not an" in result.stderr
    assert result.stdout.endswith(": o\\x1b[31m\n")
    result = run_program("image", "missing\x1b[2J")
    assert result.stderr == (
        "mtcnn-rt: error: cannot read missing\\x1b[2J: no such file or folder\n"
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_not_matter(program, save, tmp_path, closed):
    save("plain.png")
    code = f'exec "$@" {closed}'
    words = ["sh", "-c", code, "sh", *program, "image", "plain.png", "--json", "r.json"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(json.loads((tmp_path / "r.json").read_text())) == 1
    assert cv2.imread(str(tmp_path / "faces" / "plain.png")).shape == (48, 64, 3)


@pytest.mark.skipif(sys.platform == "win32", reason="the names of files are other ones")
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_any_name_on_any_code_page(program, save, tmp_path, encoding):
    save("plain.png")
    done = subprocess.run(
        [*program, "image", "plain.png", "--out", "結果"],
        cwd=tmp_path,
        capture_output=True,
        env={"PYTHONIOENCODING": encoding, "PATH": "", "PYTHONPATH": ":".join(sys.path)},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    shown = "結果" if encoding == "utf-8" else "\\u7d50\\u679c"
    assert done.stdout.decode(encoding).endswith(f": {shown}\n")


def test_the_longest_name_that_a_folder_takes(run, save, tmp_path):
    path = save("plain.png")
    name = "映" * 83 + "a.png"  # 254 bytes
    shutil.copy(path, tmp_path / name)
    result = run("image", name, "--json", "r" * 255)
    assert (result.exit_code, result.stderr) == (0, "")
    assert (tmp_path / "faces" / name).exists()


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_image(run, device):
    result = run("image", device)
    assert result.exit_code == 2
    assert result.stderr == f"mtcnn-rt: cannot read {device}: a device, not a file\n"


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of file sizes")
@pytest.mark.parametrize(
    ("words", "name", "status"),
    [
        (["image", "photo.png", "--json", "r.json"], "faces/photo.png", 2),
        (["image", "photo.png", "--no-images", "--json", "r.json"], "r.json", 2),
        (["image", "photo.png", "--no-images", "--csv", "r.csv"], "r.csv", 2),
        (["crops", "photo.png"], "crops/photo-1.png", 2),
    ],
)
def test_a_file_that_cannot_be_finished_is_named(
    program, save, photo, tmp_path, words, name, status
):
    """A limit of the file size stands for a full disk."""
    save("photo.png", photo)
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500)); "
    done = subprocess.run(
        [program[0], "-c", limited + program[2], *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stderr
    assert name in done.stderr.splitlines()[0]
    assert done.stderr.splitlines()[0].endswith("File too large")
    assert not (tmp_path / name).exists()
    assert not list(tmp_path.rglob("*.tmp*"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_named_pipe_is_read_once_and_passed_over_in_a_folder(run, tmp_path, photo):
    """As `image <(other command)` needs it in some shells."""
    (tmp_path / "top").mkdir()
    os.mkfifo(tmp_path / "top" / "a.jpg")
    assert "no image in this folder" in run("image", "top", "--json", "r.json").stderr
    content = cv2.imencode(".jpg", photo)[1].tobytes()
    pipe = tmp_path / "top" / "a.jpg"
    threading.Thread(target=pipe.write_bytes, args=[content], daemon=True).start()
    result = run("image", "top/a.jpg", "--json", "r.json")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("1 images, 4 faces")
