"""Members of archives are refused by their header, and bombs before they are in memory."""

import contextlib
import io
import pickle
import struct
import subprocess
import tarfile
import tracemalloc
import zipfile
import zlib

import cv2
import numpy as np
import pytest
from helpers.archives import add

from mtcnn_rt._images import reading
from mtcnn_rt._images.reading import CHUNK, RATIO, Part, read_content, read_opened
from mtcnn_rt.batch.items import SparseMember
from mtcnn_rt.batch.search import Search
from mtcnn_rt.batch.sources import Sources

MOST = 10**7
HEAD = 4 << 20  # in place of 64 MB
LONG = 64 << 20  # bytes of a bomb


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(reading, "HEAD", HEAD)


class Zeros:
    """A head, and then zeros, as a file; counts what was read."""

    def __init__(self, head, size):
        self.head, self.left, self.given = head, size, 0

    def read(self, size):
        part = self.head[self.given : self.given + size]
        part = (part + bytes(size - len(part)))[: self.left]
        self.left -= len(part)
        self.given += len(part)
        return part


def bmp(width, height):
    return b"BM" + bytes(12) + struct.pack("<IiiHH", 40, width, height, 1, 24) + bytes(24)


def png(width, height):
    header = struct.pack(">II5B", width, height, 8, 2, 0, 0, 0)
    crc = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + header + crc


HEADS = {
    "BMP": bmp,
    "PNG": png,
    "GIF": lambda w, h: b"GIF89a" + struct.pack("<HH", w, h) + b"\0\0\0",
    "PNM": lambda w, h: b"P6 %d %d 255\n" % (w, h),
    "Sun": lambda w, h: b"\x59\xa6\x6a\x95" + struct.pack(">II", w, h) + bytes(24),
    "HDR": lambda w, h: b"#?RADIANCE\n\n-Y %d +X %d\n" % (h, w),
    "JPEG": lambda w, h: b"\xff\xd8\xff\xc0\0\x11\x08" + struct.pack(">HH", h, w) + bytes(12),
}


@pytest.mark.parametrize("name", HEADS)
def test_the_pixels_of_the_header_are_refused_after_a_megabyte(name):
    file = Zeros(HEADS[name](5000, 4000), LONG)
    with pytest.raises(ValueError, match=r"cannot read a: 5000 x 4000 pixels are more than 1000"):
        read_opened(file, "a", MOST)
    assert file.given == CHUNK


@pytest.mark.parametrize("name", [*HEADS, "unknown"])
def test_a_bomb_ends_where_no_image_of_its_header_does(name):
    head = HEADS.get(name, lambda *_: b"some bytes")(10, 10)
    file = Zeros(head, LONG)
    with pytest.raises(ValueError, match=r"cannot read a: larger than \d+ bytes"):
        read_opened(file, "a", 2 * 10**8, stored=LONG // 1000)
    assert file.given <= HEAD + RATIO * LONG // 1000 + CHUNK


def test_a_blank_image_that_compresses_well_is_no_bomb():
    """A BMP of 12 MB, of which a thousandth is in the archive."""
    size = 2000 * 2000 * 3
    content = read_opened(Zeros(bmp(2000, 2000), size), "a", MOST, stored=size // 1000)
    assert len(content) == size


def test_a_header_that_starts_late_is_found():
    """A JPEG with 3 MB of segments before its size."""
    segment = b"\xff\xe2\xff\xff" + bytes(0xFFFD)
    head = b"\xff\xd8" + segment * 48 + HEADS["JPEG"](5000, 4000)[2:]
    file = Zeros(head, LONG)
    with pytest.raises(ValueError, match="5000 x 4000 pixels"):
        read_opened(file, "a", MOST)
    assert file.given == 4 * CHUNK


def test_content_stays_as_it_is():
    content = np.random.default_rng(0).bytes(5 * CHUNK + 17)
    assert read_opened(io.BytesIO(content), "a") == content
    assert read_opened(Part(io.BytesIO(content), 2 * CHUNK + 3), "a") == content[: 2 * CHUNK + 3]
    image = cv2.imencode(".bmp", np.zeros((1000, 1000, 3), np.uint8))[1].tobytes()
    assert read_opened(io.BytesIO(image), "a", 10**6) == image


def test_a_file_is_read_whole_where_its_header_does_not_count(tmp_path):
    (tmp_path / "a.gif").write_bytes(HEADS["GIF"](5000, 4000) + bytes(2 * CHUNK))
    with pytest.raises(ValueError, match="5000 x 4000 pixels"):
        read_content(tmp_path / "a.gif", MOST)
    assert len(read_content(tmp_path / "a.gif", MOST, check_header=False)) == 2 * CHUNK + 13


def write_bomb(path, head):
    content = Zeros(head, LONG)
    if path.suffix == ".zip":
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open("a.png", "w") as member,
        ):
            while part := content.read(CHUNK):
                member.write(part)
        return
    with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as archive:
        member = tarfile.TarInfo("a.png")
        member.size = LONG
        archive.addfile(member, content)


@pytest.mark.parametrize("archive", ["a.zip", "a.tgz", "a.tar"])
@pytest.mark.parametrize(("size", "reason"), [(40_000, "40000 x 40000"), (10, "larger than")])
def test_a_bomb_in_an_archive_takes_little_memory(tmp_path, detector, archive, size, reason):
    if archive == "a.tar" and size == 10:
        pytest.skip("a member that is not compressed has a size that is there")
    write_bomb(tmp_path / archive, png(size, size))
    search = Search(detector, 2 * 10**8, False)
    tracemalloc.start()
    records = [
        search.record(item)
        for item in Sources([str(tmp_path / archive)], None, 2 * 10**8, 1).items()
    ]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    (record,) = records
    assert record["error"].startswith(f"cannot read {tmp_path / archive}/a.png: {reason}")
    assert peak < LONG  # reading it whole takes twice that; a block of a compressed tar file 33 MB


def test_a_broken_member_is_a_failure_with_the_name_of_the_archive(tmp_path, detector):
    image = cv2.imencode(".bmp", np.zeros((99, 99, 3), np.uint8))[1].tobytes()
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.bmp", image)
    content = bytearray(path.read_bytes())
    content[40:44] = b"\xff\xff\xff\xff"  # of the compressed data
    path.write_bytes(content)
    (item,) = Sources([str(path)], None, MOST, 1).items()
    record = Search(detector, MOST, False).record(item)
    assert record["error"].startswith(f"cannot read {path}/a.bmp: ")


def items_of(path):
    return list(Sources([str(path)], None, MOST, 1).items())


def zip_with(path, at, value):
    """Writes a zip file of two images, with a byte of the first entry of its directory changed."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a.jpg", "b.jpg"):
            archive.writestr(name, b"content")
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + at] = value
    path.write_bytes(content)


def test_a_zip_file_of_a_later_version_is_an_item_with_the_reason(tmp_path):
    """Before, it ended the whole job, and every --resume."""
    zip_with(tmp_path / "a.zip", 6, 100)
    (item,) = items_of(tmp_path / "a.zip")
    assert item.name == str(tmp_path / "a.zip")
    with pytest.raises(ValueError, match=r"cannot read .*a\.zip: zip file version 10\.0"):
        item.content.read(MOST)
    assert Sources([str(tmp_path)], None, MOST, 1).count() == 1


def test_a_member_of_a_zip_file_without_a_name_costs_nothing_else(tmp_path):
    zip_with(tmp_path / "a.zip", 46, 0)  # a name ends at a zero
    (item,) = items_of(tmp_path / "a.zip")
    assert item.name == f"{tmp_path / 'a.zip'}/b.jpg"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tgz"])
def test_members_of_one_name_are_read_each(tmp_path, name):
    """Before, the last one in a zip file was read twice, and the first one was lost."""
    contents = [b"first", b"second", b"third"]
    if name == "a.zip":
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for content in contents:
                archive.writestr("a.jpg", content)
    else:
        with tarfile.open(tmp_path / name, "w:gz" if name == "a.tgz" else "w") as archive:
            for content in contents:
                add(archive, "a.jpg", content)
    sent = pickle.loads(pickle.dumps([item.content for item in items_of(tmp_path / name)]))
    assert [content.read(MOST) for content in sent] == contents


def test_a_zip_file_that_has_changed_is_a_failure(tmp_path):
    zip_with(tmp_path / "a.zip", 6, 20)
    first, second = items_of(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("c.jpg", b"other")
    for item in (first, second):
        with pytest.raises(ValueError, match=r"a\.zip/[ab]\.jpg: the zip file has changed"):
            item.content.read(MOST)


def test_no_change_of_bytes_ends_a_job(tmp_path):
    """Changes two bytes of archives 900 times; what cannot be read is OSError or ValueError."""
    generator = np.random.default_rng(0)
    read = 0
    for name in ("a.zip", "a.tar", "a.tgz"):
        write_holes(tmp_path / name) if name != "a.zip" else zip_with(tmp_path / name, 6, 20)
        whole = (tmp_path / name).read_bytes()
        for _ in range(300):
            content = bytearray(whole)
            for place in generator.integers(len(content), size=2):
                content[place] = generator.choice((0, 255, 57))
            (tmp_path / name).write_bytes(content)
            for item in items_of(tmp_path / name):
                with contextlib.suppress(OSError, ValueError):
                    read += len(item.content.read(MOST)) > 0
    assert read > 500  # or the job would have ended by reading nothing


def write_holes(path):
    """Writes a tar file of an image with a hole between its ends, and one without."""
    ends = np.random.default_rng(1).bytes(1024)
    described = {"major": 1, "minor": 0, "name": "a.jpg", "realsize": 1 << 20}
    with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as archive:
        member = tarfile.TarInfo("GNUSparseFile.0/a.jpg")
        member.pax_headers = {f"GNU.sparse.{key}": str(value) for key, value in described.items()}
        content = b"2\n0\n512\n1048064\n512\n".ljust(512, b"\0") + ends
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
        other = tarfile.TarInfo("b.jpg")
        other.size = 600
        archive.addfile(other, io.BytesIO(b"b" * 600))
    return ends[:512] + bytes((1 << 20) - 1024) + ends[512:]


@pytest.mark.parametrize("name", ["a.tar", "a.tgz"])
def test_a_member_with_holes_is_read_with_them(tmp_path, name):
    """Before, bytes of its neighbors were read in the place of those after the first hole."""
    expected = write_holes(tmp_path / name)
    first, second = items_of(tmp_path / name)
    assert first.name == f"{tmp_path / name}/a.jpg"
    assert first.content.read(MOST) == expected
    assert second.content.read(MOST) == b"b" * 600


def test_members_with_holes_of_the_program_tar_are_read_with_them(tmp_path):
    image = np.random.default_rng(1).bytes(9216)
    (tmp_path / "a.jpg").write_bytes(image)
    with (tmp_path / "a.jpg").open("r+b") as file:
        file.seek(1 << 20)
        file.write(image[:4096])
    (tmp_path / "b.jpg").write_bytes(image)
    for kind in ("gnu", "pax"):
        words = ["tar", "-cSf", f"{kind}.tar", f"--format={kind}", "a.jpg", "b.jpg"]
        try:
            subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("no tar that writes holes")
        for item in items_of(tmp_path / f"{kind}.tar"):
            file = tmp_path / item.name.rpartition("/")[2]
            assert item.content.read(MOST) == file.read_bytes()


def test_a_hole_larger_than_images_are_is_refused_before_it_is_in_memory(tmp_path):
    write_holes(tmp_path / "a.tar")
    whole = (tmp_path / "a.tar").read_bytes()
    assert whole.count(b"realsize=1048576") == 1
    for size in (4_000_000, 9_000_000):  # of one that has 2 kB in the archive
        (tmp_path / "a.tar").write_bytes(whole.replace(b"=1048576", f"={size}".encode()))
        (item, _) = items_of(tmp_path / "a.tar")
        assert isinstance(item.content, SparseMember)
        if size < HEAD:
            assert len(item.content.read(MOST)) == size
        else:
            with pytest.raises(ValueError, match=r"larger than \d+ bytes"):
                item.content.read(MOST)
