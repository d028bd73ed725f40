"""Limits the frames and images that FFmpeg decodes."""

from __future__ import annotations

_MOST = (1 << 31) - 1
"""FFmpeg's own limit. It refuses an option with a larger number, and decodes nothing."""


def pixel_limit(max_pixels: int) -> dict[str, str]:
    """Returns FFmpeg's option that limits what its decoders make to so many pixels."""
    return {"max_pixels": str(min(max_pixels, _MOST))}
