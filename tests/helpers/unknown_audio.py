"""Makes the audio of a file one that FFmpeg does not know, in every container."""

from __future__ import annotations


def renumbered(content):
    """Returns a transport stream whose audio has a type that nobody knows."""
    changed = bytearray(content)
    clock = 0 if content[0] == 0x47 else 4  # bytes before each packet
    for start in range(clock + 5, len(changed), clock + 188):
        if changed[start] != 2:  # the table of streams
            continue
        length = int.from_bytes(changed[start + 1 : start + 3], "big") % 4096 + 3 - 4
        table = changed[start : start + length]
        at = 12 + int.from_bytes(table[10:12], "big") % 4096
        while at < length:
            table[at] = 0x99 if table[at] in (0x03, 0x0F, 0x81) else table[at]
            at += 5 + int.from_bytes(table[at + 3 : at + 5], "big") % 4096
        changed[start : start + length + 4] = table + checksum(table, (1 << 32) - 1, "big")
    return bytes(changed)


def reheaded(content):
    """Returns an Ogg file whose audio has a header that nobody knows."""
    at = content.index(b"OpusHead")
    start = content.rindex(b"OggS", 0, at)
    page = content[start : content.index(b"OggS", start + 4)].replace(b"OpusHead", b"XpusHead")
    page = page[:22] + bytes(4) + page[26:]
    page = page[:22] + checksum(page, 0, "little") + page[26:]
    return content[:start] + page + content[start + len(page) :]


def checksum(content, value, order):
    """Returns the cyclic checksum of transport streams and Ogg."""
    for byte in content:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x104C11DB7 if value >> 31 else 0)
    return value.to_bytes(4, order)


def replaced(*names):
    """Returns a function that replaces the last of each name of a codec: that of the audio."""

    def replace(content):
        for known, unknown in zip(names[::2], names[1::2], strict=True):
            at = content.rindex(known)
            content = content[:at] + unknown + content[at + len(known) :]
        return content

    return replace


def retagged(content):
    """Returns a Flash video whose audio has a format that only its maker knows."""
    changed, at = bytearray(content), 9 + 4
    while at + 11 < len(changed):
        if changed[at] == 8:
            changed[at + 11] |= 0xF0
        at += 11 + int.from_bytes(changed[at + 1 : at + 4], "big") + 4
    return bytes(changed)


def relabeled(content):
    """Returns a NUT file whose audio has a code that nobody knows."""
    changed, start = bytearray(content), -1
    while (start := changed.find(b"NS\x11\x40\x5b\xf2\xf9\xdb", start + 1)) >= 0:
        body = start + 8
        length = changed[body]
        assert length < 0x80
        if changed[body + 2] == 1:  # audio: number and class of the stream, then its code
            assert changed[body + 3] == 4
            changed[body + 4 : body + 8] = b"zzzz"
            end = body + 1 + length - 4
            changed[end : end + 4] = checksum(changed[body + 1 : end], 0, "big")
    return bytes(changed)


MP4 = replaced(b"mp4a", b"apac", b"esds", b"dapa")
PCM_MOV = replaced(b"sowt", b"zzzz")
MP3 = replaced(b"\x55\0\2\0\x80\xbb", b"\x77\x77\2\0\x80\xbb")  # with channels and rate
PCM_AVI = replaced(b"\1\0\2\0\x80\xbb", b"\x77\x77\2\0\x80\xbb")
OPUS = replaced(b"A_OPUS", b"A_XPUS")


def unlabeled(content):
    """Returns an MXF file whose audio has a label that nobody knows."""
    known = bytes.fromhex("0d0103010206")
    assert known in content
    return content.replace(known, known[:-1] + b"\x77")


def elsewhere(content):
    """Returns a program stream whose audio is in packets of a kind that players pass over."""
    for kind in (b"\0\0\1\xc0", b"\0\0\1\xbd"):
        content = content.replace(kind, b"\0\0\1\xf5")
    return content


MADE_UNKNOWN = {
    **dict.fromkeys(("mp4", "mp4 faststart", "mp4 fragments", "mp4 live", "mp4 dash"), MP4),
    **dict.fromkeys(("mp4 hevc", "mp4 av1", "3gp", "f4v", "ismv"), MP4),
    **{"mov mjpeg": PCM_MOV, "mov prores": PCM_MOV, "rm": replaced(b"dnet", b"zzzz")},
    **dict.fromkeys(("mkv", "mkv live"), replaced(b"A_AAC", b"A_XYZ")),
    **{"mkv ffv1": replaced(b"A_FLAC", b"A_XLAC"), "mkv av1": OPUS},
    **{"webm vp8": OPUS, "webm vp9": OPUS, "webm av1": OPUS},
    **{"avi": MP3, "asf": MP3, "avi mjpeg": PCM_AVI, "avi huffyuv": PCM_AVI},
    **{"flv": retagged, "flv h264": retagged, "nut": relabeled, "mxf": unlabeled},
    **dict.fromkeys(("mpg", "mpg mpeg1", "vob"), elsewhere),
    "wtv": replaced(b"\x50\0\2\0\x80\xbb", b"\x77\x77\2\0\x80\xbb"),
    **{"ts": renumbered, "ts mpeg2": renumbered, "m2ts": renumbered, "ogg vp8": reheaded},
}
"""By the name of a container, what makes its audio one that FFmpeg does not know."""
GUESSED = ("ts", "ts mpeg2", "m2ts", "wtv")
"""Containers whose audio FFmpeg recognizes all the same, by its content."""
UNSEEN = ("mpg", "mpg mpeg1", "vob")
"""Program streams have no names of codecs: packets of another kind are no stream, so no note."""
