"""Tar files that are damaged or cut off lose no image without a word."""

import bz2
import gzip
import io
import lzma
import tarfile

import numpy as np
import pytest
from helpers.archives import add

from mtcnn_rt.batch.sources import Sources

MOST = 10**7
BLOCK = 512
CONTENT = b"content" * 100  # two blocks, with the header three
THIRD = 2 * 3 * BLOCK  # where the third member begins
COMPRESSED = {"tar": bytes, "tar.gz": gzip.compress, "tar.bz2": bz2.compress, "txz": lzma.compress}
every_kind = pytest.mark.parametrize("kind", COMPRESSED)


@pytest.fixture(scope="module")
def whole() -> bytearray:
    """A tar file of five images."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for index in range(5):
            add(archive, f"{index}.jpg", CONTENT)
    return bytearray(file.getvalue())


def found(folder, kind, content) -> tuple[list[str], str]:
    """Returns the names of the images in a tar file, and why it is broken."""
    path = folder / f"a.{kind}"
    path.write_bytes(COMPRESSED[kind](content))
    return found_in(path)


def found_in(path) -> tuple[list[str], str]:
    source = Sources([str(path)], None, MOST, 1)
    items = list(source.items())
    assert source.count() in (None, len(items))
    reason = ""
    if items[-1].name == str(path):
        with pytest.raises(ValueError, match=r"^cannot read ") as error:
            items.pop().content.read(MOST)
        reason = str(error.value).removeprefix(f"cannot read {path}: ")
    assert all(item.content.read(MOST) == CONTENT for item in items)
    return [item.name.removeprefix(f"{path}/") for item in items], reason


@every_kind
def test_a_damaged_header_is_not_the_end(tmp_path, whole, kind):
    """Before, the images after it were missing, with status 0."""
    expected = (
        ["0.jpg", "1.jpg"],
        f"the header at byte {THIRD} is damaged; what follows it was not read",
    )
    wrong, noisy = whole.copy(), whole.copy()
    wrong[THIRD] ^= 1  # the checksum is that of another name
    noisy[THIRD : THIRD + 4096] = np.random.default_rng(0).bytes(4096)
    assert found(tmp_path, kind, wrong) == expected
    assert found(tmp_path, kind, noisy) == expected


@every_kind
def test_a_file_that_is_cut_off_is_broken_wherever_it_ends(tmp_path, whole, kind):
    cut = "it is cut off in the header at byte"
    ends = f"it ends at byte {THIRD}, without the zeros of a tar file's end: it was cut off"
    assert found(tmp_path, kind, whole[: THIRD + 200]) == (["0.jpg", "1.jpg"], f"{cut} {THIRD}")
    assert found(tmp_path, kind, whole[:THIRD]) == (["0.jpg", "1.jpg"], ends)
    names, reason = found(tmp_path, kind, whole[: 5 * 3 * BLOCK])
    assert (len(names), reason) == (5, ends.replace(str(THIRD), str(5 * 3 * BLOCK)))


@every_kind
@pytest.mark.parametrize("zeros", [1, 2, 3, 5000])
def test_any_number_of_zero_blocks_is_an_end(tmp_path, whole, kind, zeros):
    content = whole[: 5 * 3 * BLOCK] + bytes(zeros * BLOCK)
    names, reason = found(tmp_path, kind, content)
    assert (len(names), reason) == (5, "")


@every_kind
@pytest.mark.parametrize("zeros", [1, 2])
def test_what_follows_the_end_is_named(tmp_path, whole, kind, zeros):
    """As after `cat a.tar b.tar`, or where the disk has lost a header."""
    content = whole[:THIRD] + bytes(zeros * BLOCK) + whole[THIRD:]
    names, reason = found(tmp_path, kind, content)
    assert names == ["0.jpg", "1.jpg"]
    assert reason.startswith(f"it goes on after the zeros at byte {THIRD}, which mark the end")
    zeroed = whole.copy()
    zeroed[:BLOCK] = bytes(BLOCK)
    names, reason = found(tmp_path, kind, zeroed)
    assert names == []
    assert reason.startswith("it goes on after the zeros at byte 0, ")


@pytest.mark.parametrize("kind", ["tar.gz", "tar.bz2", "txz"])
def test_a_compressed_file_is_read_to_its_end(tmp_path, whole, kind):
    """Compressed parts that were joined are one file, and a cut in the zeros is one, too."""
    path, compress = tmp_path / f"a.{kind}", COMPRESSED[kind]
    path.write_bytes(compress(whole[:THIRD]) + compress(whole[THIRD:]))
    assert found_in(path) == ([f"{index}.jpg" for index in range(5)], "")
    path.write_bytes(compress(whole) + compress(whole))
    assert found_in(path)[1].startswith("it goes on after the zeros")
    path.write_bytes(compress(whole)[:-6])
    names, reason = found_in(path)
    assert names == [f"{index}.jpg" for index in range(5)]
    assert "ended before the end-of-stream marker" in reason


def test_a_long_name_whose_header_is_missing_is_no_end(tmp_path, whole):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as archive:
        add(archive, "0.jpg", CONTENT)
        add(archive, "n" * 120 + ".jpg", CONTENT)
    names, reason = found(tmp_path, "tar", file.getvalue()[: 5 * BLOCK])
    assert (names, reason) == (
        ["0.jpg"],
        f"it ends at byte {5 * BLOCK}, without the zeros of a tar file's end: it was cut off",
    )
