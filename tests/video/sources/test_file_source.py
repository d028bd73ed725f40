"""FileSource: upright frames of video files, with their times."""

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from helpers.clips import encode, pattern, read, write_before_zero, write_clip, write_steady

from mtcnn_rt.video.frame import Frame
from mtcnn_rt.video.sources.file import FileSource

UNIT = 1 << 16  # 1 in a display matrix


def test_a_file_is_described_before_its_first_frame(tmp_path):
    clip = write_steady(tmp_path / "clip.mp4", 3)
    with FileSource(clip) as source:
        assert (source.size, source.fps, source.frame_count) == ((64, 48), 25, 3)
        assert source.duration == pytest.approx(0.12)
        assert (source.name, source.path, source.notes) == (str(clip), clip, [])


def test_frames_are_writeable_images_with_their_times(tmp_path):
    frames = read(write_steady(tmp_path / "clip.mp4", 3, quality=1))
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.04, 0.08])
    assert 0 < frames[0].captured < frames[1].captured < frames[2].captured
    for frame in frames:
        assert (frame.image.shape, frame.image.dtype) == ((48, 64, 3), np.uint8)
        assert frame.image.flags.writeable
        assert frame.image.flags.c_contiguous
        assert close(frame.image, pattern(frame.index))


def test_a_frame_needs_no_capture_time():
    assert Frame(pattern(0), 0.0, 0, 1, Fraction(1, 25), 0).captured is None


@pytest.mark.parametrize(
    ("codec", "pixels"),
    [
        ("ffv1", "yuv420p10le"),
        ("ffv1", "yuv422p12le"),
        ("ffv1", "yuv444p16le"),
        ("ffv1", "yuva420p"),
        ("ffv1", "bgra"),
        ("ffv1", "rgb48le"),
        ("libx264", "yuv420p10le"),
        ("libx264", "yuv444p"),
        ("libx265", "yuv420p10le"),
        ("libvpx-vp9", "yuv420p"),
        ("mpeg4", "yuv420p"),
        ("prores_ks", "yuva444p10le"),
        ("png", "rgba"),
        ("rawvideo", "rgb24"),
    ],
)
def test_any_pixel_format_is_read(tmp_path, codec, pixels):
    quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    name = "clip.mov" if codec == "prores_ks" else "clip.nut"
    clip = encode(tmp_path / name, [pattern(n) for n in range(3)], codec, pixels, None, quiet)
    frames = read(clip)
    assert len(frames) == 3
    for frame in frames:
        assert close(frame.image, pattern(frame.index), 12)


@pytest.mark.parametrize("pixels", ["gray", "gray10le", "gray16le"])
def test_gray_pixels_are_read(tmp_path, pixels):
    clip = encode(tmp_path / "clip.mkv", [pattern(0)], "ffv1", pixels)
    (frame,) = read(clip)
    assert close(frame.image, cv2.cvtColor(cv2.cvtColor(pattern(0), 6), 8))


@pytest.mark.parametrize("codec", ["mjpeg", "ffv1"])
def test_full_range_colors_are_read(tmp_path, codec):
    """In MJPEG the pixel format has the range, elsewhere a flag has it."""
    black_to_white = np.repeat(np.arange(0, 256, 4, np.uint8)[None, :, None], 48, 0)
    image = np.repeat(black_to_white, 3, 2)
    with av.open(tmp_path / "clip.mkv", "w") as output:
        stream = output.add_stream(codec, rate=25, width=64, height=48)
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.color_range = 2
        bgr = av.VideoFrame.from_ndarray(image, format="bgr24")
        yuv = bgr.reformat(format=stream.pix_fmt, dst_color_range=2)
        output.mux(stream.encode(yuv))
        output.mux(stream.encode(None))
    (frame,) = read(tmp_path / "clip.mkv")
    assert close(frame.image, image, 3)


ORIENTATIONS = {  # matrix: how the pixels have to be turned
    (1, 0, 0, 1): lambda image: image,
    (0, 1, -1, 0): lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
    (-1, 0, 0, -1): lambda image: cv2.rotate(image, cv2.ROTATE_180),
    (0, -1, 1, 0): lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE),
    (-1, 0, 0, 1): lambda image: cv2.flip(image, 1),
    (1, 0, 0, -1): lambda image: cv2.flip(image, 0),
    (0, 1, 1, 0): cv2.transpose,
    (0, -1, -1, 0): lambda image: cv2.rotate(cv2.transpose(image), cv2.ROTATE_180),
}


@pytest.mark.parametrize("matrix", ORIENTATIONS)
def test_a_turned_or_mirrored_video_comes_upright(tmp_path, matrix):
    a, b, c, d = (value * UNIT for value in matrix)
    turned = encode(
        tmp_path / "clip.mp4",
        [pattern(n) for n in range(2)],
        matrix=(a, b, 0, c, d, 0, 0, 0, 1 << 30),
        options={"crf": "5"},
    )
    upright = ORIENTATIONS[matrix]
    with FileSource(turned) as source:
        frames = list(source)
    assert source.size == frames[0].image.shape[1::-1] == upright(pattern(0)).shape[1::-1]
    for frame in frames:
        assert frame.image.flags.c_contiguous
        assert close(frame.image, upright(pattern(frame.index)))


def test_the_pixel_aspect_turns_with_the_image(tmp_path):
    with av.open(tmp_path / "clip.mp4", "w") as output:
        stream = output.add_stream("libx264", rate=25, width=64, height=48)
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        stream.set_display_matrix((0, UNIT, 0, -UNIT, 0, 0, 0, 0, 1 << 30))
        output.mux(stream.encode(av.VideoFrame.from_ndarray(pattern(0), format="bgr24")))
        output.mux(stream.encode(None))
    with FileSource(tmp_path / "clip.mp4") as source:
        assert source.format.aspect == Fraction(3, 4)


def test_frames_of_another_size_are_scaled_to_the_first(tmp_path):
    """A transport stream may change its size: here two of them, one after the other."""
    first = encode(tmp_path / "1.ts", [pattern(n) for n in range(5)])
    upright = encode(tmp_path / "2.ts", [pattern(n, (48, 96)) for n in range(5)])
    (tmp_path / "both.ts").write_bytes(first.read_bytes() + upright.read_bytes())
    with FileSource(tmp_path / "both.ts") as source:
        frames = list(source)
    assert len(frames) == 10
    assert {frame.image.shape for frame in frames} == {(48, 64, 3)}
    last = frames[-1].image  # 24 x 48 in the middle, between black bars
    assert last[:, :20].max() == last[:, 44:].max() == 0
    assert close(last[:, 20:44], cv2.resize(pattern(4, (48, 96)), (24, 48)), 12)
    assert [frame.pts for frame in frames] == sorted({frame.pts for frame in frames})


@pytest.mark.parametrize("extension", ["h264", "mjpeg", "ivf", "avi", "ts", "mpg", "flv", "nut"])
def test_any_file_type_is_read(tmp_path, extension):
    codecs = {"mjpeg": "mjpeg", "ivf": "libvpx-vp9", "mpg": "mpeg2video"}
    codec = codecs.get(extension, "libx264")
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    clip = encode(tmp_path / f"clip.{extension}", [pattern(n) for n in range(10)], codec, pixels)
    frames = read(clip)
    assert len(frames) == 10
    times = [frame.time - frames[0].time for frame in frames]
    assert times == pytest.approx([n / 25 for n in range(10)], abs=0.002)
    for frame in frames:
        assert close(frame.image, pattern(frame.index), 12)


def test_a_gif_is_read(tmp_path):
    clip = encode(tmp_path / "clip.gif", [pattern(n) for n in range(3)], "gif", "rgb8")
    frames = read(clip)
    assert [frame.time for frame in frames] == pytest.approx([0, 0.04, 0.08])
    assert all(close(frame.image, pattern(frame.index), 25) for frame in frames)


def test_times_of_a_transport_stream_count_from_its_start(tmp_path):
    """Its clock starts anywhere, here at 26 hours."""
    with av.open(tmp_path / "clip.ts", "w") as output:
        stream = output.add_stream("libx264", rate=25, width=64, height=48)
        stream.codec_context.max_b_frames = 0
        for index in range(10):
            frame = av.VideoFrame.from_ndarray(pattern(index), format="bgr24")
            frame.pts, frame.time_base = 26 * 3600 * 25 + index, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with av.open(tmp_path / "clip.ts") as container:
        assert container.start_time > 93_000 * av.time_base
    with FileSource(tmp_path / "clip.ts") as source:
        assert source.format.start == 0
        assert [frame.pts for frame in source] == list(range(0, 36000, 3600))


def test_times_count_from_the_start_where_the_clock_comes_to_its_end(tmp_path):
    """It has 33 bits; FFmpeg gives the frames before its end negative times."""
    clip = write_before_zero(tmp_path / "clip.ts")
    with av.open(clip) as container:
        assert container.start_time == -0.08 * av.time_base
    assert [frame.pts for frame in read(clip)] == [0, 3600, 7200, 10800]
    with FileSource(clip, start=0.08) as source:
        assert [frame.pts for frame in source] == [0, 3600]


def test_a_second_video_stream_is_left_out_with_a_note(tmp_path):
    with av.open(tmp_path / "clip.mkv", "w") as output:
        both = [output.add_stream("ffv1", rate=25, width=64, height=48) for _ in range(2)]
        for index, stream in enumerate(both):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(pattern(index), format="bgr24")))
    with FileSource(tmp_path / "clip.mkv") as source:
        assert source.notes == ["video stream 0 (64 x 48) is used, of 2"]
        assert close(next(iter(source)).image, pattern(0))


def test_its_properties_stay_after_it_is_closed(tmp_path):
    with FileSource(write_steady(tmp_path / "clip.mp4", 3)) as source:
        pass
    assert (source.size, source.fps, source.frame_count, source.errors) == ((64, 48), 25, 3, 0)
    assert source.duration == pytest.approx(0.12)
    assert {type(source.fps), type(source.format.time_base), type(source.format.aspect)} == {
        Fraction
    }


def test_an_early_end_is_no_error(tmp_path):
    with FileSource(write_clip(tmp_path / "clip.mp4")) as source:
        assert next(iter(source)).index == 0
        assert source.errors == 0


def close(image: np.ndarray, expected: np.ndarray, most: float = 6) -> bool:
    """Returns True if the mean difference, in gray levels, is at most `most`."""
    difference = abs(image.astype(int) - expected).mean()
    return image.shape == expected.shape and difference <= most


def test_frames_come_once(tmp_path):
    clip = write_steady(tmp_path / "clip.mp4", 8)
    with FileSource(clip) as source:
        for frame in source:
            if frame.index == 2:
                break
        assert [(one.index, one.pts) for one in source] == [
            (index, 512 * index) for index in range(3, 8)
        ]
        assert list(source) == []
    assert list(source) == []
