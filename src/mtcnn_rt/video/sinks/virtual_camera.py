"""Gives frames to virtual cameras, for other programs."""

from __future__ import annotations

from typing import Any

import av

from mtcnn_rt._packages import needs
from mtcnn_rt.video.frame import Frame, VideoFormat
from mtcnn_rt.video.sinks.encoder import VideoEncoder
from mtcnn_rt.video.sinks.live_places import CAMERA_SCHEME, is_device

_V4L2 = "video4linux2,v4l2"


class DeviceOutput:
    """Gives frames to a device of Video4Linux through FFmpeg."""

    damaged = 0

    def __init__(self, place: str, video: VideoFormat) -> None:
        self.notes: list[str] = []
        self._container = av.open(place, "w", format="v4l2")
        try:
            self._encoder = VideoEncoder(self._container, video, "rawvideo", None, None)
            self._container.start_encoding()
        except BaseException:
            self._container.close()
            raise

    def write(self, frame: Frame) -> None:
        """Sends a frame."""
        self._container.mux(self._encoder.encode(frame))

    def close(self) -> None:
        """Closes the camera."""
        self._container.close()


class VirtualCamera:
    """Gives frames to a virtual camera through pyvirtualcam."""

    damaged = 0

    def __init__(self, device: str | None, video: VideoFormat) -> None:
        with needs("output to a virtual camera"):
            import pyvirtualcam
        self.notes: list[str] = []
        width, height = video.size
        pixels = pyvirtualcam.PixelFormat.BGR
        self._camera: Any = pyvirtualcam.Camera(
            width, height, float(video.fps), device=device, fmt=pixels
        )

    def write(self, frame: Frame) -> None:
        """Sends a frame."""
        self._camera.send(frame.image)

    def close(self) -> None:
        """Closes the camera."""
        self._camera.close()


def camera_output(place: str, video: VideoFormat) -> DeviceOutput | VirtualCamera:
    """Opens a virtual camera: a device by FFmpeg, where it can, and others by pyvirtualcam."""
    if is_device(place):
        if _V4L2 in av.formats_available:
            return DeviceOutput(place, video)
        return VirtualCamera(place, video)
    return VirtualCamera(place.removeprefix(CAMERA_SCHEME) or None, video)
