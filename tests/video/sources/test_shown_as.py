"""Transparency, orientation, pixel aspect and fields, over the containers that can have them."""

import io
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from helpers import containers
from helpers.clips import copy, field_marks, pattern, read
from helpers.containers import KINDS, writable
from PIL import Image

from mtcnn_rt.video.frame import VideoError
from mtcnn_rt.video.sources.file import FileSource

UNIT = 1 << 16
SIZE = (64, 48)
TURNED = (0, UNIT, 0, -UNIT, 0, 0, 0, 0, 1 << 30)  # a quarter, clockwise


def write(path, codec, pixels, images, form="bgr24", options=None, fields="", **stream_settings):
    """Writes a video of 25 frames per second; of two fields if one is said to come first."""
    with av.open(path, "w") as output:
        stream = output.add_stream(codec, rate=25, options=options)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = pixels
        if codec.startswith(("libx", "mpeg")):
            stream.codec_context.max_b_frames = 0
        if "matrix" in stream_settings:
            stream.set_display_matrix(stream_settings["matrix"])
        if "aspect" in stream_settings:
            stream.codec_context.sample_aspect_ratio = stream_settings["aspect"]
        stream.metadata.update(stream_settings.get("metadata", {}))
        marks = field_marks(stream.width, stream.height, fields) if fields else None
        for index, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format=form).reformat(format=pixels)
            frame.pts, frame.time_base = index, Fraction(1, 25)
            if fields:
                marks.push(frame)
                frame = marks.pull()
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def erased(index):
    """Returns a bright image (H, W, 4) whose left half is transparent."""
    image = np.full((48, 64, 4), 200, np.uint8)
    image[..., 3] = np.where(np.arange(64) < 32, 0, 255)
    image[40:, 40 + index :, 1] = 100  # or programs would join the frames
    return image


TRANSPARENT = [
    ("clip.webm", "libvpx-vp9", "yuva420p"),
    ("clip.mkv", "libvpx-vp9", "yuva420p"),
    ("clip.mkv", "ffv1", "yuva420p"),
    ("clip.mkv", "ffv1", "bgra"),
    ("clip.mov", "prores_ks", "yuva444p10le"),
    ("clip.mov", "png", "rgba"),
    ("clip.mov", "qtrle", "argb"),
    ("clip.avi", "png", "rgba"),
    ("clip.avi", "utvideo", "gbrap"),
    ("clip.nut", "png", "rgba64be"),
    ("clip.apng", "apng", "rgba"),
]


@pytest.mark.parametrize(("name", "codec", "pixels"), TRANSPARENT)
def test_what_is_transparent_stays_hidden(tmp_path, name, codec, pixels):
    tags = {"metadata": {"alpha_mode": "1"}} if codec == "libvpx-vp9" else {}
    clip = write(tmp_path / name, codec, pixels, [erased(n) for n in range(3)], "bgra", **tags)
    with FileSource(clip) as source:
        frames = list(source)
        assert source.notes == ["transparent parts are black"]
    assert len(frames) == 3
    for frame in frames:
        assert frame.image[:, :28].max() <= 3
        assert abs(frame.image[:36, 36:].astype(int) - 200).max() <= 8
    copy(clip, tmp_path / "copy.mp4")
    assert all(frame.image[:, :28].max() <= 12 for frame in read(tmp_path / "copy.mp4"))


@pytest.mark.parametrize("extension", ["gif", "png", "webp", "avif"])
def test_animated_images_give_every_frame_without_what_is_hidden(tmp_path, extension):
    images = [Image.fromarray(erased(n)[..., [2, 1, 0, 3]]) for n in range(6)]
    path = tmp_path / f"clip.{extension}"
    how = {"disposal": 2} if extension == "gif" else {}
    images[0].save(path, save_all=True, append_images=images[1:], duration=80, loop=0, **how)
    with FileSource(path) as source:
        frames = list(source)
        assert (len(frames), source.errors, source.incomplete) == (6, 0, "")
        assert source.notes == ["transparent parts are black"]
    assert [frame.time for frame in frames] == pytest.approx([0.08 * n for n in range(6)])
    for frame in frames:
        assert frame.image[:, :28].max() <= 3
        assert abs(frame.image[:36, 36:].astype(int) - 200).max() <= 12


@pytest.mark.parametrize("lossless", [True, False])
def test_an_animated_webp_is_drawn_as_browsers_do(tmp_path, lossless):
    """Parts of frames, half transparent ones, ones that are cleared: Pillow is the reference."""
    generator = np.random.default_rng(7)
    images = []
    for index in range(12):
        pixels = cv2.resize(generator.integers(0, 255, (6, 8, 4), np.uint8), SIZE)
        if index % 3:
            pixels = np.array(images[-1])
            pixels[8 : 20 + index, 10:30] = generator.integers(0, 255, 4, np.uint8)
        images.append(Image.fromarray(pixels))
    path = tmp_path / "clip.webp"
    how = {"lossless": lossless, "exact": True, "duration": 50, "minimize_size": True}
    images[0].save(path, save_all=True, append_images=images[1:], **how)
    with Image.open(path) as reference, FileSource(path) as source:
        frames = list(source)
        assert len(frames) == reference.n_frames == source.frame_count
        for index, frame in enumerate(frames):
            reference.seek(index)
            rgba = np.asarray(reference.convert("RGBA")).astype(float)
            black = rgba[..., 2::-1] * rgba[..., 3:] / 255
            assert abs(frame.image - black).mean() < 2


def test_damaged_parts_of_an_animated_webp_are_errors(tmp_path):
    images = [Image.fromarray(pattern(n)) for n in range(4)]
    path = tmp_path / "clip.webp"
    images[0].save(path, save_all=True, append_images=images[1:], duration=80)
    content = bytearray(path.read_bytes())
    second = content.index(b"ANMF", content.index(b"ANMF") + 4)
    content[second + 24 : second + 36] = bytes(12)
    path.write_bytes(content)
    with FileSource(path) as source:
        assert [frame.time for frame in source] == pytest.approx([0, 0.16, 0.24])
        assert source.errors == 1


def test_opaque_pixels_have_no_note(tmp_path):
    images = [np.dstack([pattern(n), np.full((48, 64), 255, np.uint8)]) for n in range(3)]
    clip = write(tmp_path / "clip.mov", "png", "rgba", images, "bgra")
    with FileSource(clip) as source:
        frames = list(source)
        assert source.notes == []
    assert all((frame.image == pattern(frame.index)).all() for frame in frames)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mov", "clip.mkv", "clip.3gp"])
def test_a_turned_video_is_upright_in_every_container(tmp_path, name):
    codec = "mpeg4" if name.endswith("3gp") else "libx264"
    clip = write(tmp_path / name, codec, "yuv420p", [pattern(n) for n in range(3)], matrix=TURNED)
    with FileSource(clip) as source:
        frames = list(source)
    assert source.size == (48, 64)
    for frame in frames:
        expected = cv2.rotate(pattern(frame.index), cv2.ROTATE_90_CLOCKWISE)
        assert abs(frame.image.astype(int) - expected).mean() < 6


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if writable(kind)])
def test_the_orientation_of_any_container(tmp_path, name):
    """A container that keeps the matrix is shown upright, and others as they are."""
    kind = KINDS[name]
    clip = containers.write(tmp_path / f"clip.{kind.extension}", kind, frames=3, matrix=TURNED)
    kept = kind.extension in ("mp4", "mov", "3gp", "f4v", "ismv", "mkv", "webm", "avif")
    with FileSource(clip) as source:
        frames = list(source)
        assert source.size == ((144, 176) if kept else (176, 144))
    assert len(frames) == 3
    for frame in frames:
        expected = pattern(frame.index, (176, 144))
        expected = cv2.rotate(expected, cv2.ROTATE_90_CLOCKWISE) if kept else expected
        most = 25 if kind.pixels == "rgb8" else 12
        assert abs(frame.image.astype(int) - expected).mean() < most


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("extension", ["avi", "mov", "mkv", "mjpeg"])
def test_frames_with_exif_of_their_own_are_read_and_upright(tmp_path, extension, orientation):
    """Cameras write EXIF into each frame of Motion JPEG; PyAV does not know this side data."""
    exif, content, image = Image.Exif(), io.BytesIO(), pattern(0)
    exif[0x0112] = orientation
    Image.fromarray(image[..., ::-1]).save(content, "JPEG", exif=exif, quality=95)
    clip = tmp_path / f"clip.{extension}"
    with av.open(clip, "w") as output:
        stream = output.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuvj420p"
        stream.codec_context.open()
        for index in range(3):
            packet = av.Packet(content.getvalue())
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, 10), True
            packet.pts = packet.dts = index
            output.mux(packet)
    turn = {
        3: cv2.ROTATE_180,
        6: cv2.ROTATE_90_CLOCKWISE,
        8: cv2.ROTATE_90_COUNTERCLOCKWISE,
    }.get(orientation)
    frames = read(clip)
    assert len(frames) == 3
    for frame in frames:
        expected = image if turn is None else cv2.rotate(image, turn)
        assert abs(frame.image.astype(int) - expected).mean() < 6


ASPECTS = ["clip.mp4", "clip.mov", "clip.mkv", "clip.avi", "clip.ts", "clip.mpg"]


@pytest.mark.parametrize("name", ASPECTS)
def test_the_aspect_of_pixels_is_kept_by_every_container(tmp_path, name):
    codec = "mpeg2video" if name == "clip.mpg" else "libx264"
    images = [pattern(n, (72, 64)) for n in range(9)]
    wide = Fraction(32, 27) if codec == "mpeg2video" else Fraction(4, 3)
    clip = write(tmp_path / name, codec, "yuv420p", images, aspect=wide)
    with FileSource(clip) as source:
        assert source.format.aspect == wide
    for extension in ("mp4", "mov", "mkv", "webm"):
        copy(clip, tmp_path / f"copy.{extension}")
        with FileSource(tmp_path / f"copy.{extension}") as source:
            if extension == "webm":  # it has square pixels, and more of them
                assert source.size == (round(72 * wide / 2) * 2, 64)
            else:
                assert (source.size, source.format.aspect) == ((72, 64), wide)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mov", "clip.mkv", "clip.ts", "clip.avi"])
@pytest.mark.parametrize("first", ["top", "bottom"])
def test_frames_of_two_fields_are_marked_as_such_in_the_copy(tmp_path, name, first):
    params = {"x264-params": f"interlaced=1:{first[0]}ff=1"}
    images = [pattern(n) for n in range(4)]
    clip = write(tmp_path / name, "libx264", "yuv420p", images, options=params, fields=first)
    with FileSource(clip) as source:
        assert source.format.fields == first
    for extension in ("mp4", "mov", "mkv"):
        assert copy(clip, tmp_path / f"copy.{extension}").notes == []
        with FileSource(tmp_path / f"copy.{extension}") as source:
            assert source.format.fields == first
            assert sum(1 for _ in source) == 4
    note = "interlaced frames are written as progressive ones by libvpx-vp9"
    assert copy(clip, tmp_path / "copy.webm").notes == [note]


def test_whole_frames_stay_whole(tmp_path):
    clip = write(tmp_path / "clip.mp4", "libx264", "yuv420p", [pattern(0)])
    copy(clip, tmp_path / "copy.mp4")
    with FileSource(tmp_path / "copy.mp4") as source:
        assert source.format.fields == ""


LIMITED = [
    ("clip.mp4", "libx264", "yuv420p"),
    ("clip.mkv", "ffv1", "yuv420p"),
    ("clip.avi", "mjpeg", "yuvj420p"),
    ("clip.gif", "gif", "rgb8"),
    ("clip.apng", "apng", "rgb24"),
    ("clip.webm", "libvpx-vp9", "yuv420p"),
    ("clip.mov", "png", "rgb24"),
]


@pytest.mark.parametrize(("name", "codec", "pixels"), LIMITED)
def test_frames_with_too_many_pixels_are_refused(tmp_path, name, codec, pixels):
    clip = write(tmp_path / name, codec, pixels, [pattern(n) for n in range(2)])
    with FileSource(clip, max_pixels=64 * 48 + 200) as source:  # FFmpeg rounds the sides up
        assert sum(1 for _ in source) == 2
    with pytest.raises(VideoError, match="pixels") as caught:
        FileSource(clip, max_pixels=64 * 48 - 1)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("most", [1 << 31, 10**12, 10**20])
def test_a_limit_beyond_the_numbers_of_ffmpeg_is_none(tmp_path, most):
    """It decoded no frame."""
    clip = write(tmp_path / "clip.mov", "png", "rgb24", [pattern(n) for n in range(2)])
    with FileSource(clip, max_pixels=most) as source:
        assert sum(1 for _ in source) == 2


def test_an_animated_webp_with_too_many_pixels_is_refused(tmp_path):
    images = [Image.fromarray(pattern(n)) for n in range(2)]
    images[0].save(tmp_path / "clip.webp", save_all=True, append_images=images[1:])
    with pytest.raises(VideoError, match="frames of 64 x 48 have more than the 3071 pixels"):
        FileSource(tmp_path / "clip.webp", max_pixels=64 * 48 - 1)
