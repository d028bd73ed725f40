"""Removes what the headers of subtitles say of where they come from.

Those of ASS have the script's title and authors, the paths of the video that it was written for,
and whole fonts and images; those of WebVTT have notes. Matroska keeps all of it.
"""

from __future__ import annotations

_STYLES = (b"format", b"style")
_SHOWN = {
    b"[script info]": (
        *(b"scripttype", b"playresx", b"playresy", b"playdepth", b"layoutresx", b"layoutresy"),
        *(b"wrapstyle", b"scaledborderandshadow", b"ycbcr matrix", b"collisions", b"timer"),
        *(b"kerning", b"language"),
    ),
    b"[v4 styles]": _STYLES,
    b"[v4+ styles]": _STYLES,
    b"[events]": (b"format",),
}
"""Sections of ASS, and the names in them, by which players show the texts."""
_BOM = b"\xef\xbb\xbf"


def without_description(codec: str, header: bytes) -> bytes:
    """Returns the header of a subtitle stream with what players need alone.

    Args:
        codec: FFmpeg's name of the codec.
        header: As FFmpeg and Matroska have it; that of other codecs than ASS and WebVTT is returned
            as it is.
    """
    if codec not in _SHORTENED:
        return header
    shown = _SHORTENED[codec](header)
    return header if shown.split() == header.split() else shown


def _of_ass(header: bytes) -> bytes:
    kept: list[bytes] = []
    names: tuple[bytes, ...] = ()
    for line in header.removeprefix(_BOM).splitlines():
        text = line.strip().lower()
        if text.startswith(b"["):
            names = _SHOWN.get(text, ())
            if names:
                kept.append(line)
        elif text.partition(b":")[0].rstrip() in names:
            kept.append(line)
    return b"".join(line + b"\r\n" for line in kept)


def _of_webvtt(header: bytes) -> bytes:
    blocks = b"\n".join(header.splitlines()).split(b"\n\n")
    shown = (one.strip() for one in blocks if one.lstrip().startswith((b"STYLE", b"REGION")))
    return b"\n\n".join((b"WEBVTT", *shown)) + b"\n"


_SHORTENED = {"ass": _of_ass, "ssa": _of_ass, "webvtt": _of_webvtt}
