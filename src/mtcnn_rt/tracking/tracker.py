"""Tracker: decides which part of each frame is searched, and by which networks."""

from __future__ import annotations

import math
import operator
from copy import copy
from fractions import Fraction
from functools import cached_property
from numbers import Integral, Real
from typing import Any

from mtcnn_rt._arguments import call_of
from mtcnn_rt._arrays import GivenPixels, Indices
from mtcnn_rt.detector import MTCNN
from mtcnn_rt.faces import Faces, check_finite
from mtcnn_rt.images import Image, as_image
from mtcnn_rt.tracking.finder import Finder
from mtcnn_rt.tracking.followed import Followed
from mtcnn_rt.tracking.landmarks import place_landmarks
from mtcnn_rt.tracking.redetection import redetect
from mtcnn_rt.tracking.scene import Scenes
from mtcnn_rt.tracking.schedule import Schedule
from mtcnn_rt.tracking.tracked import Tracked

UNCONFIRMED_SECONDS = 1.0
"""Longest time for which O-Net alone keeps a face that full detections do not find."""


class Tracker:
    """Follows the faces of one video, frame by frame.

    O-Net alone searches where the faces are expected, and the whole cascade near those that it no
    longer accepts. Now and then there is a full detection for new faces, except for the faces that
    are followed already, which R-Net only has to confirm. It may be `spread` over the frames of an
    interval, a part of the image or of the face sizes in each; at a cut it takes one frame.

    A tracker can be pickled and copied with all that it knows of the video: the copy goes on with
    the same ids and boxes, independently. `copy.copy` shares the detector.

    Args:
        detector: Finds the faces. Several trackers may share it.
        detect_every: Interval between full detections, in frames; 1 is every frame. None adapts the
            interval to the video. It is 1 for a detector that turns images, `MTCNN(rotations=...)`:
            the search near a face is for upright ones.
        smooth: True smooths boxes and landmarks with a One-Euro filter.
        lost_seconds: Time for which a lost face is expected to come back, as `Tracked.hidden`. One
            that was found in a single frame, perhaps by mistake, is expected by `assign` alone.
        most_frames: Longest interval between full detections that adapts, in frames.
        spread: True spreads a full detection over the frames of an interval, for live video: the
            slowest frames take 0.7 of the time, all frames together about a tenth more.

    Attributes:
        detector: The detector.
        detect_every: The interval between full detections; None adapts.
        full_detections: Number of searches of the whole image that ended so far, in one frame or
            spread over an interval, including the frames given to `assign`.

    Raises:
        TypeError: An argument has another type; the message names it.
        ValueError: An argument is out of its range; the message names it.

    Example:
        >>> tracker = Tracker(MTCNN(min_face_size=40))
        >>> tracked = tracker.update(np.zeros((480, 640, 3), np.uint8), time=0.0)
        >>> len(tracked.faces), tracked.ids.tolist()
        (0, [])
        >>> tracker
        Tracker(detector=MTCNN(min_face_size=40))
    """

    full_detections: int

    def __init__(
        self,
        detector: MTCNN,
        detect_every: int | None = None,
        smooth: bool = True,
        lost_seconds: float = 0.5,
        most_frames: int = 5,
        spread: bool = False,
    ) -> None:
        if not hasattr(detector, "_cascade"):
            raise TypeError(f"detector: expected MTCNN, not {type(detector).__name__}")
        _check("detect_every", 1 if detect_every is None else detect_every, Integral, 1)
        _check("lost_seconds", lost_seconds, Real, 0)
        _check("most_frames", most_frames, Integral, 1)
        self._upright = detector._cascade.rotations == (0,)
        if not self._upright and detect_every not in (None, 1):
            raise ValueError(
                f"detect_every: expected 1 or None, not {detect_every}, with a detector that turns "
                "images: it searches every frame in full"
            )
        self.detector = detector
        self.detect_every = detect_every if self._upright else 1
        self._smooth, self._lost_seconds = smooth, lost_seconds
        self._most_frames, self._spread = most_frames, spread
        self.reset()

    def reset(self) -> None:
        """Forgets all faces, ids and times, so that another video can begin."""
        self.full_detections = 0
        self._schedule = Schedule(self.detect_every, self._most_frames)
        self._scenes = Scenes()
        self._followed = Followed(self._smooth, self._lost_seconds)
        self._searched = -math.inf
        self._share, self._new = 0.0, False  # of the full detection that is under way

    def __repr__(self) -> str:
        """Returns a call with the detector and the settings that are not the defaults."""
        settings = {
            "detect_every": self.detect_every,
            "smooth": self._smooth,
            "lost_seconds": self._lost_seconds,
            "most_frames": self._most_frames,
            "spread": self._spread,
        }
        defaults = dict(zip(settings, Tracker.__init__.__defaults__ or (), strict=True))
        return call_of(type(self).__name__, {"detector": self.detector, **settings}, defaults)

    def __getstate__(self) -> dict[str, Any]:
        """Returns the settings, the detector, and all that is known of the video."""
        known = {
            "_followed": self._followed.copied(),
            "_schedule": copy(self._schedule),
            "_scenes": copy(self._scenes),
        }
        return {name: value for name, value in vars(self).items() if name != "_finder"} | known

    @cached_property
    def _finder(self) -> Finder:
        """Searches with the detector's networks."""
        return Finder(self.detector._cascade)

    def update(self, image: GivenPixels | Image, time: float | Fraction) -> Tracked:
        """Returns the faces of the next frame, with their ids.

        Args:
            image: The frame, BGR uint8 (H, W, 3).
            time: Its time in seconds, later than that of the frame before.

        Raises:
            ValueError: The time is not later, or the image has another shape.
            TypeError: The image has another type or dtype, or the time is no number.
        """
        pixels = as_image(image)
        time = self._followed.advance(time)
        scene = self._scenes.scene(pixels, time)
        cut, self._followed.scene = scene != self._followed.scene, scene
        share = self._schedule.share(time)
        if not self._upright:
            self._followed.assign_or_begin(self.detector._cascade.detect([pixels])[0])
            self._count_search()
            return self._followed.result(pixels.size)
        self._redetect(pixels)
        if cut or (share >= 1 and self._share == 0):
            self._search_all(pixels)
        elif self._spread:
            self._search_part(pixels, share)
        else:
            self._search_near(pixels)
        return self._followed.result(pixels.size)

    def assign(
        self,
        faces: Faces,
        image_size: tuple[int, ...],
        time: float | Fraction,
        image: GivenPixels | Image | None = None,
    ) -> Tracked:
        """Returns the faces of the next frame, which was searched in full elsewhere, with ids.

        Use either `assign` for all frames of a video, or `update` for all. Faces that are lost at a
        cut, or were found in a single frame, are expected as others are, as `Tracked.hidden`, those
        of the frame before however long ago that was, and these boxes extend to where a face was
        last found, since whoever covers faces has to cover those that are lost.

        Args:
            faces: The faces of the frame, as `MTCNN.detect` returns them.
            image_size: Height and width of the frame in pixels, such as `image.shape`.
            time: Its time in seconds, later than that of the frame before.
            image: The frame, BGR uint8 (H, W, 3), so that cuts are noticed, which end tracks. None:
                a face that appears where another was takes over its id.

        Raises:
            ValueError: The time is not later, a box or landmark is not finite, the size has no
                height and width of at least 1, or the image has another shape; the frame may be
                given again.
            TypeError: The image has another type or dtype, the faces are no `Faces`, or the time or
                the size is no number.
        """
        if not isinstance(faces, Faces):
            raise TypeError(f"faces: expected Faces, not {type(faces).__name__}")
        check_finite("boxes", faces.boxes)
        check_finite("landmarks", faces.landmarks)
        size = _checked_size(image_size)
        pixels = None if image is None else as_image(image)
        time = self._followed.advance(time)
        if pixels is not None:
            self._followed.scene = self._scenes.scene(pixels, time)
        self._followed.assign_or_begin(faces)
        self._count_search()
        return self._followed.result(size, for_covers=True)

    def _redetect(self, image: Image) -> None:
        """Searches with O-Net alone, where faces are expected."""
        followed = self._followed
        rows = followed.lost()
        rows = rows[self._searched - followed.tracks["confirmed"][rows] <= UNCONFIRMED_SECONDS]
        persistent = followed.seen_before(rows)
        seen, faces = redetect(self._finder, image, followed.expected(rows), persistent)
        if len(seen) > 0:
            tracks = followed.tracks[rows[seen]]
            faces = place_landmarks(self._finder, image, tracks, faces, followed.time)
            followed.tracks[rows[seen]] = tracks
            followed.update(rows[seen], faces)

    def _search_near(self, image: Image) -> None:
        """Searches with the cascade near the faces that O-Net did not find."""
        followed = self._followed
        lost = followed.lost()
        if len(lost) > 0:
            known = followed.expected(followed.seen_now())
            faces = self._finder.find_new(image, known, followed.expected(lost))
            followed.assign_or_begin(faces)

    def _search_part(self, image: Image, share: float) -> None:
        """Searches with the cascade near the faces that O-Net did not find, and in a part."""
        followed = self._followed
        seen = followed.seen_now()
        part = self._finder.part(image, self._share, share)
        near = followed.expected(followed.lost())
        faces = self._finder.find_new(image, followed.expected(seen), near, part)
        new = followed.assign_or_begin(faces)
        self._share, self._new = share, self._new or new
        if part.last:
            self._end_search(image, seen)

    def _search_all(self, image: Image) -> None:
        """Searches with the cascade in the whole image."""
        followed = self._followed
        seen = followed.seen_now()
        faces = self._finder.find_new(image, followed.expected(seen))
        self._new = followed.assign_or_begin(faces)
        self._end_search(image, seen)

    def _end_search(self, image: Image, seen: Indices) -> None:
        """Lets R-Net confirm the faces of these tracks, which O-Net alone found in this frame."""
        confirmed = self._finder.confirm(image, self._followed.expected(seen))
        self._followed.confirm(seen[confirmed])
        lost = (self._followed.tracks["sightings"][self._followed.just_lost()] > 1).any()
        self._schedule.detected(self._followed.time, confirmed=not self._new and not lost)
        self._count_search()

    def _count_search(self) -> None:
        """Records that a full detection ended in this frame."""
        self.full_detections += 1
        self._searched = self._followed.time
        self._share, self._new = 0.0, False


def _check(name: str, value: float, kind: type, least: int) -> None:
    """Raises TypeError or ValueError unless the value is a number of the kind, and large enough."""
    if isinstance(value, bool) or not isinstance(value, kind):
        expected = "an integer" if kind is Integral else "a number"
        raise TypeError(f"{name}: expected {expected}, not {value!r}")
    if not least <= value < math.inf:
        raise ValueError(f"{name}: {value} is not a finite number of at least {least}")


def _checked_size(image_size: tuple[int, ...]) -> tuple[int, int]:
    """Returns height and width of an image's shape; raises TypeError or ValueError for others."""
    try:
        height, width = (operator.index(side) for side in image_size[:2])
    except (TypeError, ValueError) as error:
        expected = "image_size: expected height and width in pixels"
        raise TypeError(f"{expected}, not {image_size!r}") from error
    if min(height, width) < 1:
        raise ValueError(f"image_size: expected at least 1 pixel a side, not {image_size!r}")
    return height, width
