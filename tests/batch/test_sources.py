"""Tests the items that sources give, and their order."""

import bz2
import gzip
import io
import lzma
import os
import re
import tarfile
import zipfile
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from helpers.archives import encoded, write_archive, write_tar

import mtcnn_rt
from mtcnn_rt.batch.items import FrameOf, Slice, Unreadable, ZipMember
from mtcnn_rt.batch.sources import Sources

MOST = 10**7


def sources(*given, listed: bytes | None = None, every: int = 1) -> Sources:
    return Sources([str(one) for one in given], listed and io.BytesIO(listed), MOST, every)


def names(found: Sources) -> list[str]:
    return [item.name for item in found.items()]


@pytest.fixture
def archive(tmp_path, sample_frame, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert write_archive(tmp_path / "all", sample_frame, count=3) == 17
    return tmp_path / "all"


def test_a_folder_gives_everything_in_it_sorted_and_without_hidden_files(archive):
    assert names(sources("all")) == [
        *("all/a.tar/0000.jpg", "all/a.tar/0001.jpg", "all/a.tar/0002.jpg", "all/a.tar/broken.jpg"),
        *("all/b.tgz/0000.jpg", "all/b.tgz/0001.jpg", "all/b.tgz/0002.jpg", "all/b.tgz/broken.jpg"),
        *("all/c.zip/0000.jpg", "all/c.zip/0001.jpg", "all/c.zip/0002.jpg", "all/c.zip/broken.png"),
        *("all/d.tar", "all/images/0.jpg", "all/images/2.jpg", "all/images/below/1.jpg"),
        "all/images/broken.jpg",
    ]


def test_patterns_and_lists_give_what_they_name(archive):
    expected = ["all/images/0.jpg", "all/images/2.jpg", "all/images/broken.jpg"]
    assert names(sources("all/images/*.jpg")) == expected
    found = sources("-", listed=b"all/images/2.jpg\r\n\nall/images/b*\nall/none.jpg")
    expected = ["all/images/2.jpg", "all/images/below/1.jpg", "all/images/broken.jpg"]
    assert names(found) == [*expected, "all/none.jpg"]
    assert names(found) == [*expected, "all/none.jpg"]  # a second time
    *_, last = found.items()
    assert last.content == Unreadable("cannot read all/none.jpg: no such file or folder")


def test_a_list_is_read_by_several_at_the_same_time(tmp_path):
    """A thread counts the images while they are searched; the lines that one read were lost."""
    given = [f"{'photos/' * 9}{number}.jpg" for number in range(3000)]
    (tmp_path / "list").write_text("\n".join(given))
    with (tmp_path / "list").open("rb") as listed:
        found = Sources(["-"], listed, MOST)
        one, other = found.files(), found.files()
        first = list(islice(one, 9))
        assert list(other) == given
        assert [*first, *one] == given


def test_members_that_are_not_compressed_are_read_by_the_workers(archive, sample_frame):
    (first, *_), (zipped, *_) = sources("all/a.tar").items(), sources("all/c.zip").items()
    assert isinstance(first.content, Slice)
    assert isinstance(zipped.content, ZipMember)
    (compressed, *_) = sources("all/b.tgz").items()
    for item, shift in ((first, 3), (compressed, 6), (zipped, 9)):
        assert item.content.read(MOST) == encoded(np.roll(sample_frame, 7 * shift, axis=1))


def test_an_archive_that_breaks_off_gives_an_item_with_the_reason(archive):
    content = (archive / "b.tgz").read_bytes()
    (archive / "cut.tgz").write_bytes(content[: len(content) // 2])
    (archive / "no.zip").write_bytes(b"PK, but no zip file")
    *members, last = sources("all/cut.tgz").items()
    assert last.name == "all/cut.tgz"
    assert 0 < len(members) < 3
    with pytest.raises(ValueError, match=r"cannot read all/cut\.tgz: "):
        last.content.read(MOST)
    (only,) = sources("all/no.zip").items()
    with pytest.raises(ValueError, match=r"cannot read all/no\.zip: File is not a zip file"):
        only.content.read(MOST)


@pytest.mark.parametrize("name", ["none.zip", "none.tar", "none.tgz"])
def test_an_archive_without_content_is_empty(archive, name):
    (archive / name).touch()
    (only,) = sources(f"all/{name}").items()
    with pytest.raises(ValueError, match=rf"cannot read all/{name}: empty \(0 bytes\)$"):
        only.content.read(MOST)


def test_files_of_unknown_extensions_are_taken_by_their_first_bytes(tmp_path, sample_frame):
    clip = Path(mtcnn_rt.__file__).with_name("sample.mp4").read_bytes()
    (tmp_path / "IMG_1234").write_bytes(encoded(sample_frame))
    (tmp_path / "clip.lrv").write_bytes(clip)
    (tmp_path / "note.txt").write_text("no photo")
    (tmp_path / "photo.nef").write_bytes(encoded(sample_frame))  # a raw file by its extension
    (tmp_path / "sound.mka").write_bytes(b"\x1a\x45\xdf\xa3" + bytes(99))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")  # which would wait for its other end
    found = sources(tmp_path, every=50)
    assert [Path(name).name for name in names(found)] == [
        *("IMG_1234", "clip.lrv", "clip.lrv", "clip.lrv", "photo.nef")
    ]
    assert found.count() == 5
    frames = [item for item in sources(tmp_path / "clip.lrv", every=50).items()]
    assert [item.content.index for item in frames] == [0, 50, 100]


PIPES = ["a.jpg", "b.tar", "c.tgz", "d.zip", "e.mp4", "f"]


@pytest.fixture
def piped(tmp_path, monkeypatch) -> Path:
    """A folder of named pipes that nobody writes into, and of an image."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no pipes with names")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "top").mkdir()
    for name in PIPES:
        os.mkfifo(tmp_path / "top" / name)
    (tmp_path / "top" / "photo.jpg").touch()
    return tmp_path


def test_pipes_in_a_folder_are_passed_over(piped):
    """They were waited for without an end."""
    assert names(sources("top")) == ["top/photo.jpg"]
    assert names(sources("top/**")) == ["top/photo.jpg"]
    assert sources("top").count() == 1


@pytest.mark.parametrize("listed", [False, True])
def test_a_pipe_that_is_named_is_an_item_with_the_reason(piped, listed):
    given = [f"top/{name}" for name in PIPES]
    found = sources("-", listed="\n".join(given).encode()) if listed else sources(*given)
    assert names(found) == given
    assert found.count() == len(PIPES)
    for item in found.items():
        reason = rf"cannot read {item.name}: a pipe or socket, .*; copy what comes out of it to"
        with pytest.raises(ValueError, match=reason):
            item.content.read(MOST)


def test_a_link_to_a_pipe_is_a_pipe(piped):
    try:
        (piped / "top" / "link.jpg").symlink_to("a.jpg")
    except OSError:
        pytest.skip("links need a right here")
    assert names(sources("top")) == ["top/photo.jpg"]
    (item,) = sources("top/link.jpg").items()
    assert isinstance(item.content, Unreadable)


def test_raw_files_are_not_taken_for_their_previews(tmp_path):
    (tmp_path / "photo.nef").write_bytes(b"II*\0")
    (item,) = sources(tmp_path).items()
    with pytest.raises(ValueError, match="a camera's raw file"):
        item.content.read(MOST)


def test_raw_files_in_archives_are_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("photo.nef", b"II*\0")
    (item,) = sources(tmp_path / "a.zip").items()
    with pytest.raises(ValueError, match=r"^cannot read .*a\.zip/photo\.nef: a camera's raw file"):
        item.content.read(MOST)


def test_what_may_have_faces_in_archives_is_named(tmp_path):
    members = ["a.mp4", "b.zip", "c.tar.zst", "d.jpg", "e.ts", "f.txt", "__MACOSX/._d.dng"]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in members:
            archive.writestr(name, b"?")
    for end in ("tar", "tgz"):
        with tarfile.open(tmp_path / f"a.{end}", "w:gz" if end == "tgz" else "w") as archive:
            for name in members:
                header = tarfile.TarInfo(name)
                header.size = 1
                archive.addfile(header, io.BytesIO(b"?"))
    for end in ("zip", "tar", "tgz"):
        *named, image = sources(tmp_path / f"a.{end}").items()
        place = f"{tmp_path / 'a'}.{end}"
        kinds = {"a.mp4": "a video", "b.zip": "an archive", "c.tar.zst": "an archive"}
        for item, (name, kind) in zip(named, kinds.items(), strict=True):
            why = f"{kind} in an archive, which is not read; unpack it"
            with pytest.raises(ValueError, match=re.escape(f"cannot read {place}/{name}: {why}")):
                item.content.read(MOST)
        assert image.name == f"{place}/d.jpg"


@pytest.mark.parametrize("name", ["a.7z", "a.RAR", "a.tar.zst", "a.tar.Z"])
@pytest.mark.parametrize("named", [False, True])
def test_other_archives_are_named(tmp_path, name, named):
    (tmp_path / name).write_bytes(b"?")
    (item,) = sources(tmp_path / name if named else tmp_path).items()
    reason = "an archive in a format that is not read; unpack it, or pack it as .tar or .zip"
    with pytest.raises(ValueError, match=re.escape(f"cannot read {tmp_path / name}: {reason}")):
        item.content.read(MOST)


def test_what_is_wrong_with_an_archive_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.jpg", bytes(100))
    content = (tmp_path / "a.zip").read_bytes()
    cut = "it was cut off: its end, which has the list of its files, is missing"
    for name, begin, reason in (
        ("cut.zip", content[:-30], cut),
        ("no.zip", bytes(100), "File is not a zip file"),
        ("zip.tar", content, "it is a zip file; name it .zip"),
        ("zip.tgz", content, "it is a zip file; name it .zip"),
        ("gzip.tar", gzip.compress(bytes(2048)), "it is compressed; name it .tar.gz"),
        ("bzip2.tar", bz2.compress(bytes(2048)), "it is compressed; name it .tar.bz2"),
        ("xz.tar", lzma.compress(bytes(2048)), "it is compressed; name it .tar.xz"),
        ("no.tar", b"?" * 1024, "invalid header"),
    ):
        (tmp_path / name).write_bytes(begin)
        (item,) = sources(tmp_path / name).items()
        with pytest.raises(ValueError, match=f"^cannot read .*{re.escape(f'{name}: {reason}')}$"):
            item.content.read(MOST)


def test_videos_give_frames(tmp_path):
    clip = Path(mtcnn_rt.__file__).with_name("sample.mp4")
    found = list(sources(clip, every=50).items())
    assert [item.key for item in found] == [f"{clip}#{index}" for index in (0, 50, 100)]
    assert isinstance(found[1].content, FrameOf)
    assert (found[1].content.time, found[1].content.pixels.shape) == (2.0, (360, 640, 3))
    assert sources(clip, every=50).count() == 3
    (tmp_path / "broken.mp4").write_bytes(clip.read_bytes()[:100])
    (item,) = sources(tmp_path).items()
    assert isinstance(item.content, Unreadable)


def test_items_are_counted_where_nothing_has_to_be_decompressed(archive):
    assert sources("all/a.tar", "all/c.zip", "all/images").count() == 4 + 4 + 4
    assert sources("all").count() is None


def test_a_large_tar_file_takes_no_memory_for_its_members(tmp_path):
    import tracemalloc

    write_tar(tmp_path / "many.tar", [b"x"] * 3000)
    found = sources(tmp_path / "many.tar")
    found.count()  # loads what is loaded once
    peaks = []
    for _ in range(3):  # Python's table of strings may grow in one of them
        tracemalloc.start()
        assert found.count() == 3001
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert min(peaks) < 100_000


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="root reads every folder")
def test_a_folder_that_cannot_be_read_is_an_item(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    (item,) = sources(tmp_path).items()
    with pytest.raises(OSError, match="closed"):
        item.content.read(MOST)


@pytest.fixture
def linked(tmp_path, monkeypatch) -> Path:
    """A folder of four images, with links to itself, to the one above it, and to one elsewhere."""
    monkeypatch.chdir(tmp_path)
    for name in ("top/a.jpg", "top/sub/b.jpg", "top/.kept/h.jpg", "elsewhere/c.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    top = tmp_path / "top"
    try:
        for name, target in (("loop", "."), ("loop2", "."), ("sub/back", ".."), ("zzz", "sub")):
            (top / name).symlink_to(target, target_is_directory=True)
        (top / "more").symlink_to("../elsewhere", target_is_directory=True)
        (top / "now").symlink_to(".kept", target_is_directory=True)
        (tmp_path / "elsewhere" / "there").symlink_to("../top", target_is_directory=True)
        (top / "self.jpg").symlink_to("self.jpg")
    except OSError:
        pytest.skip("links need a right here")
    return top


LINKED = ["top/a.jpg", "top/more/c.jpg", "top/now/h.jpg", "top/self.jpg", "top/sub/b.jpg"]


@pytest.mark.parametrize("given", ["top", "top/**", "top/**/*", "top/**/*.jpg"])
def test_each_folder_is_searched_once_whatever_links_there_are(linked, given):
    """Before, `loop` alone gave each image 41 times, and two such links 2^40 times."""
    assert names(sources(given)) == LINKED
    assert sources(given).count() == 5


def test_a_pattern_without_a_folder_gives_names_without_one(linked, monkeypatch):
    monkeypatch.chdir("top")
    for given in ("**", "**/*", "**/*.jpg"):
        assert names(sources(given)) == [name.removeprefix("top/") for name in LINKED]
    assert names(sources("**/b.*")) == ["sub/b.jpg"]
    assert names(sources("s*/**/b.*")) == ["sub/b.jpg"]


def test_a_link_to_the_folder_above_gives_the_rest_of_it(linked):
    for link in ("loop", "loop2"):
        (linked / link).unlink()
    (linked / "up").symlink_to("..", target_is_directory=True)
    assert names(sources("top")) == LINKED  # with `elsewhere`, which `more` has given


def test_links_from_each_folder_to_the_next_take_linear_time(tmp_path, monkeypatch):
    """40 folders with two links each to the next one are 2^40 paths."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "top").mkdir()
    for index in range(40):
        (tmp_path / f"{index}").mkdir()
        (tmp_path / f"{index}" / "a.jpg").touch()
    try:
        (tmp_path / "top" / "first").symlink_to("../0", target_is_directory=True)
        for index in range(39):
            for name in ("x", "y"):
                link = tmp_path / f"{index}" / name
                link.symlink_to(f"../{index + 1}", target_is_directory=True)
    except OSError:
        pytest.skip("links need a right here")
    (tmp_path / "top" / "first" / "x" / "x" / "back").symlink_to("../top")
    assert names(sources("top"))[::13] == [
        "top/first/a.jpg", "top/first/" + "x/" * 13 + "a.jpg",
        "top/first/" + "x/" * 26 + "a.jpg", "top/first/" + "x/" * 39 + "a.jpg",
    ]  # fmt: skip


def test_a_deep_folder_needs_no_deep_stack(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(1500):
        os.mkdir("d")
        os.chdir("d")
    Path("a.jpg").touch()
    os.chdir(tmp_path)
    try:
        assert names(sources("d")) == ["d/" * 1500 + "a.jpg"]
    finally:  # what removes the folders of tests would need a deep stack
        (tmp_path / ("d/" * 1500 + "a.jpg")).unlink()
        for depth in range(1500, 0, -1):
            (tmp_path / ("d/" * depth)).rmdir()
