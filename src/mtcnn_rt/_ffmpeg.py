"""Options of FFmpeg that images and videos share."""

from __future__ import annotations

_MOST = (1 << 31) - 1  # FFmpeg refuses its option beyond, and its images are never larger


def pixel_limit(max_pixels: int) -> dict[str, str]:
    """Returns the option that limits the frames that FFmpeg's decoders make.

    Args:
        max_pixels: Most pixels of a frame.
    """
    return {"max_pixels": str(min(max_pixels, _MOST))}
