"""Archives of real photographs: folders, tar and zip files, with broken ones among them."""

import io
import tarfile
import zipfile
from pathlib import Path

import cv2
import numpy as np


def write_archive(folder: Path, photo: np.ndarray, count: int = 10) -> int:
    """Writes a folder of images, a shard, a compressed one and a zip file.

    Args:
        folder: Gets the files.
        photo: (H, W, 3), of which the images are altered copies.
        count: Images in each of the four.

    Returns:
        The number of items: four times `count`, and five that are broken.
    """
    (folder / "images" / "below").mkdir(parents=True)
    images = [encoded(np.roll(photo, 7 * index, axis=1)) for index in range(4 * count)]
    for index, content in enumerate(images[:count]):
        place = folder / "images" / ("below" if index % 2 else "")
        (place / f"{index}.jpg").write_bytes(content)
    (folder / "images" / "broken.jpg").write_bytes(b"no image")
    (folder / "images" / ".hidden.jpg").write_bytes(images[0])
    (folder / "images" / "notes.txt").write_text("no image")
    write_tar(folder / "a.tar", images[count : 2 * count])
    write_tar(folder / "b.tgz", images[2 * count : 3 * count])
    with zipfile.ZipFile(folder / "c.zip", "w") as archive:
        for index, content in enumerate(images[3 * count :]):
            archive.writestr(f"{index:04d}.jpg", content)
        archive.writestr("broken.png", b"no image")
    (folder / "d.tar").write_bytes((folder / "a.tar").read_bytes()[:300])
    return 4 * count + 5


def encoded(image: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", image)[1].tobytes()


def write_tar(path: Path, images: list[bytes]) -> None:
    """Writes a shard as WebDataset has it: for each image a text with the same name."""
    with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as archive:
        for index, content in enumerate(images):
            add(archive, f"{index:04d}.jpg", content)
            add(archive, f"{index:04d}.txt", b"a caption")
        add(archive, "broken.jpg", images[0][:200])


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
