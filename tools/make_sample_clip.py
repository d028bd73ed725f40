"""Make the demo clip that ships in the package: src/mtcnn_rt/sample.mp4.

What it makes: five seconds (125 frames, 640x360, 25 frames/s, H.264) of four faces that float over
a star field, with a quiet synthesised tone (mono AAC).  The faces move, change size and tilt on
the paths in ``PATHS``, so ``tracks`` knows where each face is without any detector.  In the second
half face 3 passes partly in front of face 1, then the two separate.

What from: two public domain photographs that scikit-image carries in its wheel (no download),
``astronaut`` (NASA portrait of Eileen Collins; all four faces are this one, mirrored, stretched and
recolored to look like others) and ``hubble_deep_field`` (NASA/ESA).  The tone is computed.

How to run it (the same versions of the libraries give the same frames each time):
    pip install . scikit-image
    python tools/make_sample_clip.py [OUTPUT.mp4]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

WIDTH, HEIGHT, FPS, FRAMES, SAMPLE_RATE = 640, 360, 25, 125, 48_000
OUTPUT = Path(__file__).resolve().parents[1] / "src" / "mtcnn_rt" / "sample.mp4"


def numbers(text: str, *shape: int) -> np.ndarray:
    """A table written as text."""
    return np.array(text.split(), dtype=np.float64).reshape(shape)


# The face in the portrait, x1 y1 x2 y2, as facenet-pytorch's MTCNN measures it.
FACE_BOX = numbers("181 62 268 172", 4)
# Drawn by hand on the portrait, x y: head and collar of the suit, and the skin within them.
OUTLINE = numbers(
    """182 133 178 131 173 126 170 118 160 108 156 98 154 84 154 72 157 60 166 49 180 39 192 32 199
    26 208 21 220 18 232 17 246 18 258 22 268 27 278 34 286 42 292 53 296 66 300 82 299 96 296 105
    289 116 281 125 278 130 272 135 267 136 259 158 255 170 268 182 280 194 291 210 299 226 303 241
    302 256 296 267 285 276 268 281 246 281 222 277 198 269 176 259 158 247 142 231 129 213 123 199
    123 184 128 172 137 161 150 153 165 149 178 149 184 151""", -1, 2)  # fmt: skip
SKIN = numbers(
    """170 122 181 116 181 100 183 88 187 78 192 77 198 80 206 82 228 82 238 83 248 87 258 91 265 92
    268 100 270 126 274 129 282 126 276 140 262 190 182 190 181 136 170 132""", -1, 2)  # fmt: skip
CROP = (100, 0, 330, 300)  # left, top, right, bottom: what holds the outline

# One line a face: center x, center y, face height, degrees of tilt, at five knots in time.
KNOT_SECONDS = 1.25
PATHS = numbers(
    """132 166 116 -5   150 152 134 3   148 146 144  7   152 156 134  0   128 168 114 -7
       540 150  84  6   537 138  94 0   532 140  98 -5   458 156  92 -2   388 208  84  6
       325  62  36 -8   352  72  48 4   374  64  54 11   346  56  45  3   328  50  36 -9
       356 250  58  9   364 246  64 2   374 248  68 -6   464 218  72  0   556 190  76  7
    """, 4, 5, 4)  # fmt: skip


@dataclass(frozen=True)
class Appearance:
    """Differences of one face from the portrait."""

    mirror: bool
    stretch: float  # width over the portrait's width, for faces of other shapes
    hair: tuple[float, float, float]  # what red, green and blue are multiplied by
    skin: tuple[float, float, float]
    gamma: float


LOOKS = (  # tuned until facenet-pytorch found these four faces in each frame and nothing else
    Appearance(False, 1.00, (1.00, 1.00, 1.00), (1.00, 1.00, 1.00), 1.00),
    Appearance(True, 0.97, (0.70, 0.50, 0.40), (0.96, 0.86, 0.78), 1.05),
    Appearance(False, 1.06, (1.06, 0.69, 0.50), (1.03, 1.01, 1.01), 0.92),
    Appearance(True, 1.03, (0.62, 0.66, 0.80), (0.88, 0.74, 0.64), 1.10),
)


def poses(frame_count: int) -> np.ndarray:
    """Center x, center y, height and tilt of each face: (frames, faces, 4), a cubic spline."""
    points = PATHS.transpose(1, 0, 2)
    knots = np.minimum(np.arange(frame_count) / (FPS * KNOT_SECONDS), len(points) - 1)
    left = np.minimum(knots.astype(int), len(points) - 2)
    u = (knots - left)[:, None, None]
    slopes = np.gradient(points, axis=0)  # neighbors share a slope, so the motion has no kinks
    return (
        points[left] + (points[left + 1] - points[left]) * (3 * u**2 - 2 * u**3)
        + slopes[left] * u * (1 - u) ** 2 - slopes[left + 1] * u**2 * (1 - u)
    )  # fmt: skip


def tracks(frame_count: int = FRAMES) -> np.ndarray:
    """Face boxes x1 y1 x2 y2, in pixels, of the clip's first frames: (frames, faces, 4).

    A tilted face keeps the size of its upright box, as a detector sees it.
    """
    pose = poses(frame_count)
    width, height = FACE_BOX[2:] - FACE_BOX[:2]
    aspect = np.array([look.stretch for look in LOOKS]) * width / height
    half = np.stack([pose[..., 2] * aspect, pose[..., 2]], axis=-1) / 2
    return np.concatenate([pose[..., :2] - half, pose[..., :2] + half], axis=-1)


def ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 at low, 1 at high, smooth between (low may be the greater one)."""
    u = np.clip((values - low) / (high - low), 0, 1)
    return u * u * (3 - 2 * u)


def inside(outline: np.ndarray) -> np.ndarray:
    """1 inside the outline, 0 outside, soft at the rim: the size of the crop, one channel."""
    from skimage.draw import polygon2mask
    from skimage.filters import gaussian

    mask = polygon2mask((CROP[3] - CROP[1], CROP[2] - CROP[0]), (outline - CROP[:2])[:, ::-1])
    return gaussian(mask.astype(np.float64), 1.5)[..., None]


def cut_out(portrait: np.ndarray, look: Appearance) -> np.ndarray:
    """The recolored head and collar as premultiplied RGBA floats."""
    x1, y1, x2, y2 = CROP
    skin = inside(SKIN)
    rows = np.arange(y1, y2)[:, None, None]
    hair = (1 - skin) * ramp(rows, 150, 138)  # above the collar
    tint = (1 + skin * (np.array(look.skin) - 1)) * (1 + hair * (np.array(look.hair) - 1))
    # Dims the collar's pale lining, whose folds detectors now and then take for a small face.
    tint *= 1 - 0.5 * ramp(rows, 170, 215)
    image = np.clip(portrait[y1:y2, x1:x2] / 255.0 * tint, 0, 1) ** look.gamma
    # Opaque only well inside, so that no rim of the studio's pale wall shows.
    alpha = ramp(inside(OUTLINE), 0.4, 0.95)
    return np.concatenate([image * alpha, alpha], axis=-1)


def frame_to_cut_out(pose: np.ndarray, look: Appearance) -> np.ndarray:
    """The 3x3 matrix from pixels of the frame to pixels of the cut-out."""
    cos, sin = np.cos(np.radians(pose[3])), np.sin(np.radians(pose[3]))
    size = np.array([-look.stretch if look.mirror else look.stretch, 1.0])
    size *= pose[2] / (FACE_BOX[3] - FACE_BOX[1])
    matrix = np.eye(3)
    matrix[:2, :2] = np.array([[cos, sin], [-sin, cos]]) / size[:, None]
    matrix[:2, 2] = (FACE_BOX[:2] + FACE_BOX[2:]) / 2 - CROP[:2] - matrix[:2, :2] @ pose[:2]
    return matrix


def pictures() -> Iterator[np.ndarray]:
    """The pictures of the clip, RGB bytes."""
    from skimage import data
    from skimage.filters import gaussian
    from skimage.transform import warp

    portrait = data.astronaut()
    cut_outs = [cut_out(portrait, look) for look in LOOKS]
    # Softer and darker than the photograph: tiny stars cost many bits and draw the eye.
    sky = 0.8 * gaussian(data.hubble_deep_field() / 255.0, 0.8, channel_axis=-1)
    for i, frame_poses in enumerate(poses(FRAMES)):
        picture = sky[330 : 330 + HEIGHT, i : i + WIDTH]  # whole pixels: drifts without shimmer
        for pose, look, image in zip(frame_poses, LOOKS, cut_outs, strict=True):
            # A shrunken picture aliases unless it is blurred first.
            blur = max(0.0, ((FACE_BOX[3] - FACE_BOX[1]) / pose[2] - 1) / 2)
            image = gaussian(image, blur, channel_axis=-1)
            layer = warp(image, frame_to_cut_out(pose, look), output_shape=(HEIGHT, WIDTH), order=3)
            picture = picture * (1 - layer[..., 3:]) + layer[..., :3]
        yield np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def tone() -> np.ndarray:
    """As long as the clip: four soft notes, mono, peak about 0.1 of full scale."""
    t = np.arange(FRAMES * SAMPLE_RATE // FPS) / SAMPLE_RATE
    sound = np.zeros_like(t)
    for start, hertz in ((0.1, 261.63), (1.1, 329.63), (2.1, 392.0), (3.1, 523.25)):
        age = np.maximum(t - start, 0)
        wave = np.sin(2 * np.pi * hertz * age) + 0.2 * np.sin(4 * np.pi * hertz * age)
        sound += ramp(age, 0, 0.15) * np.exp(-1.6 * age) * wave
    return (0.1 * sound * ramp(t, t[-1], t[-1] - 0.4)).astype(np.float32)


def main(output: Path = OUTPUT) -> None:
    """Write the clip."""
    import av

    output.parent.mkdir(parents=True, exist_ok=True)
    # One thread: their number changes what x264 writes.  No B-frames: all readers start at 0 s.
    options = {"crf": "23", "preset": "veryslow", "threads": "1", "bf": "0", "g": "50"}
    with av.open(str(output), "w", options={"movflags": "faststart", "fflags": "bitexact"}) as clip:
        video = clip.add_stream("libx264", rate=FPS, options=options)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = clip.add_stream("aac", rate=SAMPLE_RATE, layout="mono", bit_rate=48_000)
        sound = av.AudioFrame.from_ndarray(tone()[None], format="fltp", layout="mono")
        sound.sample_rate, sound.pts, sound.time_base = SAMPLE_RATE, 0, Fraction(1, SAMPLE_RATE)
        clip.mux([*audio.encode(sound), *audio.encode()])
        for i, picture in enumerate(pictures()):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, FPS)
            clip.mux(video.encode(frame))
        clip.mux(video.encode())


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
