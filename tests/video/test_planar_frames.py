"""Frames in luma and chroma, from the decoder to the encoder, beside those in BGR."""

import pickle
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from helpers.clips import copy, encode, pattern, read

import mtcnn_rt
from mtcnn_rt import MTCNN
from mtcnn_rt._boxes import overlaps
from mtcnn_rt._images.planar import PlanarImage
from mtcnn_rt.drawing.painter import CoveringPainter, DrawingPainter, Found, paint_frame
from mtcnn_rt.faces import Faces
from mtcnn_rt.tracking import Tracker
from mtcnn_rt.video.frame import Frame
from mtcnn_rt.video.pipeline import stream
from mtcnn_rt.video.planar_frame import PlanarFrame, Planes
from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource
from mtcnn_rt.video.sources.upright import UprightConverter

SAMPLE = Path(mtcnn_rt.__file__).with_name("sample.mp4")
UNIT = 1 << 16
TURNED = (0, UNIT, 0, -UNIT, 0, 0, 0, 0, 1 << 30)
LOSSLESS = {"crf": "0", "preset": "ultrafast"}
BOXES = np.float32([[41, 22, 77, 71], [90.5, 40, 140, 100]])
FACES = Faces(BOXES, np.float32([0.9, 0.8]), np.float32(BOXES[:, None, :2] + [[[9, 9]] * 5] * 2))


def clip(path, size=(160, 120), frames=3, **how):
    return encode(path, [pattern(n, size) for n in range(frames)], options=LOSSLESS, **how)


def decoded(path):
    """Returns the frames of a video, decoded by PyAV alone."""
    with av.open(path) as container:
        return list(container.decode(video=0))


def planes_of(frame):
    """Returns luma, u and v of a frame of PyAV."""
    return [
        np.frombuffer(memoryview(p), np.uint8).reshape(p.height, p.line_size)[:, : p.width].copy()
        for p in frame.planes
    ]


@pytest.mark.parametrize("size", [(160, 120), (162, 122), (64, 48)])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p"])
def test_usual_frames_are_planar_and_their_image_is_that_of_ffmpeg(tmp_path, size, pixels):
    path = clip(tmp_path / "clip.mp4", size, pixels=pixels)
    for one, frame in zip(read(path), decoded(path), strict=True):
        assert isinstance(one, PlanarFrame)
        assert one.planes is not None
        assert one.size == (size[1], size[0])
        expected = UprightConverter(frame).convert(frame)
        assert abs(one.planes.pixels.astype(int) - expected).max() <= 3
        assert (one.image == expected).all()
        assert one.planes is None
        assert one.content is one.image


@pytest.mark.parametrize("size", [(161, 121), (160, 121), (161, 120)])
def test_frames_of_odd_sizes_are_planar(tmp_path, size):
    path = encode(
        tmp_path / "clip.webm", [pattern(n, size) for n in range(3)], "libvpx-vp9", "yuv420p"
    )
    for one, frame in zip(read(path), decoded(path), strict=True):
        assert one.planes is not None
        own = one.planes.pixels.astype(int)  # FFmpeg interpolates chroma of odd sizes
        assert abs(own - UprightConverter(frame).convert(frame)).mean() < 4
        paint_frame(CoveringPainter("solid"), one, Found(FACES))
        assert one.image[45, 60].max() <= 2
    copy(path, tmp_path / "copy.mp4", quality=1)
    for one, other in zip(read(path), read(tmp_path / "copy.mp4"), strict=True):
        assert one.image.shape == other.image.shape
        assert abs(one.image.astype(int) - other.image).mean() < 4


@pytest.mark.parametrize(
    ("codec", "pixels", "matrix"),
    [
        ("libx264", "yuv444p", None),
        ("libx264", "yuv422p", None),
        ("libx264", "yuv420p10le", None),
        ("ffv1", "bgra", None),
        ("libx264", "yuv420p", TURNED),
    ],
)
def test_other_frames_come_in_bgr(tmp_path, codec, pixels, matrix):
    name = "clip.mp4" if matrix else "clip.mkv"
    path = encode(tmp_path / name, [pattern(0)], codec, pixels, matrix)
    [frame] = read(path)
    assert type(frame) is Frame
    assert frame.image.shape == ((64, 48, 3) if matrix else (48, 64, 3))


def test_chroma_side_by_side_is_taken_apart():
    given = av.VideoFrame.from_ndarray(pattern(1), format="bgr24").reformat(format="yuv420p")
    side_by_side = given.reformat(format="nv12")
    ours = UprightConverter(side_by_side).planes(side_by_side)
    assert isinstance(ours, Planes)
    for one, other in zip(planes_of(ours.video_frame), planes_of(given), strict=True):
        assert (one == other).all()


@pytest.mark.parametrize("full_range", [False, True])
def test_a_copy_has_the_luma_and_chroma_of_the_input(tmp_path, full_range):
    path = clip(tmp_path / "clip.mp4", pixels="yuvj420p" if full_range else "yuv420p")
    copy(path, tmp_path / "copy.mp4", quality=0)
    pairs = zip(decoded(path), decoded(tmp_path / "copy.mp4"), strict=True)
    for one, other in pairs:
        assert one.format.name == other.format.name
        for a, b in zip(planes_of(one), planes_of(other), strict=True):
            assert (a == b).all()


def test_a_full_range_becomes_limited_where_the_encoder_has_none(tmp_path):
    path = clip(tmp_path / "clip.mp4", pixels="yuvj420p")
    copy(path, tmp_path / "copy.mp4", codec="mpeg4", quality=1)
    for one, other in zip(read(path), read(tmp_path / "copy.mp4"), strict=True):
        assert abs(one.image.astype(int) - other.image).mean() < 4


@pytest.mark.parametrize(
    "painter",
    [DrawingPainter(), *map(CoveringPainter, ("blur", "pixelate", "solid"))],
    ids=["draw", "blur", "pixelate", "solid"],
)
def test_nothing_changes_outside_the_painted_areas(tmp_path, painter):
    path, output = clip(tmp_path / "clip.mp4"), tmp_path / "out.mp4"
    with FileSource(path) as source, FileSink(output, source.format, quality=0) as sink:
        for frame in source:
            paint_frame(painter, frame, Found(FACES, [1, 2]))
            sink.write(frame)
    inside = np.zeros((120, 160), bool)
    for x1, y1, x2, y2 in painter.areas((120, 160), Found(FACES, [1, 2])):
        rows, columns = (
            slice(max(0, y1) // 2 * 2, y2 + y2 % 2),
            slice(max(0, x1) // 2 * 2, x2 + x2 % 2),
        )
        inside[rows, columns] = True
    assert inside.mean() < 0.7
    for one, other in zip(decoded(path), decoded(output), strict=True):
        luma, u, v = (a != b for a, b in zip(planes_of(one), planes_of(other), strict=True))
        assert luma.any()
        assert not luma[~inside].any()
        assert not (u | v)[~inside[::2, ::2]].any()


@pytest.mark.parametrize("method", ["blur", "pixelate", "solid"])
def test_covers_are_those_of_bgr(tmp_path, method):
    path = clip(tmp_path / "clip.mp4", frames=1)
    [frame], [other] = read(path), read(path)
    painter = CoveringPainter(method)
    painter.paint(other.image, Found(FACES))
    paint_frame(painter, frame, Found(FACES))
    assert frame.planes is not None
    differences = abs(frame.image.astype(int) - other.image)
    # More at edges, those of blocks as well: chroma is of 2 x 2 pixels.
    assert np.percentile(differences[50:90, 103:128], 90) <= 8
    assert differences[50:90, 103:128].mean() < 4
    assert differences.mean() < 1.5


def test_black_covers_leave_one_value(tmp_path):
    path = clip(tmp_path / "clip.mp4", frames=1)
    [frame] = read(path)
    paint_frame(CoveringPainter("solid", shape="box"), frame, Found(FACES))
    luma, u, v = planes_of(frame.planes.video_frame)
    assert set(luma[22:71, 41:77].ravel()) == {16}
    assert set(u[11:35, 21:38].ravel()) | set(v[11:35, 21:38].ravel()) == {128}


def test_an_image_that_was_asked_for_is_written(tmp_path):
    path, output = clip(tmp_path / "clip.mp4"), tmp_path / "out.mp4"
    with FileSource(path) as source, FileSink(output, source.format, quality=1) as sink:
        for frame in source:
            frame.image[:] = (0, 0, 255)
            sink.write(frame)
    for frame in read(output):
        assert abs(frame.image[60, 80].astype(int) - (0, 0, 255)).max() <= 6


def test_a_stream_of_another_matrix_keeps_the_colors(tmp_path):
    path, output = clip(tmp_path / "clip.mp4"), tmp_path / "out.mp4"
    with FileSource(path) as source:
        assert source.format.colors[0] == 2
        video = replace(source.format, colors=(1, 1, 1))
        with FileSink(output, video, quality=1) as sink:
            for frame in source:
                sink.write(frame)
    for one, other in zip(read(path), read(output), strict=True):
        assert abs(one.image.astype(int) - other.image).mean() < 4


def test_frames_are_replaced_and_pickled(tmp_path):
    frame = read(clip(tmp_path / "clip.mp4"))[1]
    flipped = replace(frame, image=frame.image[:, ::-1])
    assert (flipped.image == frame.image[:, ::-1]).all()
    assert (flipped.time, flipped.pts, flipped.time_base) == (0.04, frame.pts, frame.time_base)
    again = pickle.loads(pickle.dumps(frame))
    assert type(again) is Frame
    assert (again.image == frame.image).all()
    assert again.time == frame.time


def test_memory_is_used_again_only_when_nobody_has_the_frame(tmp_path):
    path = clip(tmp_path / "clip.mp4", frames=12)
    expected = [planes_of(frame) for frame in decoded(path)]
    kept = []
    with FileSource(path) as source:
        for index, frame in enumerate(source):
            if index % 3 == 0:
                kept.append((index, frame))
    for index, frame in kept:
        for one, other in zip(planes_of(frame.planes.video_frame), expected[index], strict=True):
            assert (one == other).all()


def test_faces_are_those_of_bgr(detector):
    for frame in read(SAMPLE)[::25]:
        planar = detector.detect(frame.content)
        faces = detector.detect(frame.image)
        assert len(planar) == len(faces) == 4
        assert np.diagonal(overlaps(planar.boxes, faces.boxes)).min() > 0.99
        assert abs(planar.scores - faces.scores).max() < 0.01


@pytest.mark.parametrize("every", [None, 1])
def test_faces_are_followed_as_in_bgr(detector, every):
    planar = list(stream(SAMPLE, Tracker(detector, every)))
    frames = [
        Frame(one.image, one.time, n, 1, Fraction(1, 25), n) for n, one in enumerate(read(SAMPLE))
    ]
    for one, other in zip(planar, stream(frames, Tracker(detector, every)), strict=True):
        assert one.frame.planes is not None
        assert one.ids.tolist() == other.ids.tolist()
        assert np.diagonal(overlaps(one.faces.boxes, other.faces.boxes)).min(initial=1) > 0.97


def test_parts_and_rows_are_those_of_the_whole_image():
    random = np.random.default_rng(0)
    sizes = [(121, 161), (61, 81), (61, 81)]
    planes = [random.integers(0, 256, size, np.uint8) for size in sizes]
    whole = PlanarImage(*planes, 1, False).pixels
    boxes = np.float32([[-5, -5, 20, 30], [100.2, 50.7, 300, 90], [np.nan, 0, 1, 1]])
    near = PlanarImage(*planes, 1, False).near(boxes)
    assert (near[:31, :21] == whole[:31, :21]).all()
    assert (near[49:91, 99:] == whole[49:91, 99:]).all()
    assert (PlanarImage(*planes, 1, False).rows(7) == whole[::7]).all()
    part = PlanarImage(*planes, 1, False).part((11, 20, 61, 80))
    assert (part.pixels == whole[20:80, 11:61]).all()
    assert part.bgr


@pytest.mark.parametrize("workers", [1, 2])
def test_classes_of_users_get_pixels(tmp_path, workers):
    """Those that they derive from `MTCNN` and `Tracker` may do anything with the image."""
    seen = []

    class Watched(MTCNN):
        def detect(self, image, *others, **named):
            seen.append(type(image))
            return super().detect(image, *others, **named)

    class Following(Tracker):
        def update(self, image, time):
            seen.append(type(image))
            return super().update(image, time)

        def assign(self, faces, image_size, time, image=None):
            seen.append(type(image))
            return super().assign(faces, image_size, time, image)

    detector = Watched(60, threads=1)
    every = 1 if workers > 1 else None
    finders = [detector, Following(detector, detect_every=every)]
    path = clip(tmp_path / "clip.mp4")
    for finder in finders:
        assert len(list(stream(path, finder, workers=workers))) == 3
    assert len(seen) == (6 if workers == 1 else 9)
    assert set(seen) == {np.ndarray}
