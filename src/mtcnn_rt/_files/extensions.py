"""Lists the extensions of image files, videos and archives."""

from __future__ import annotations

import os

WRITABLE = {".bmp", ".jp2", ".jpe", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}
"""Extensions of images that can be written."""

JPEG = {".jfi", ".jfif", ".jif", ".mpo", ".pjp", ".pjpeg"}
"""Further extensions of JPEG files."""

EXTENSIONS = (
    WRITABLE
    | JPEG
    | {".apng", ".avif", ".dib", ".gif", ".hdr", ".j2c", ".j2k", ".jpc", ".jpf", ".jpx", ".pam"}
    | {".pbm", ".pfm", ".pgm", ".pnm", ".ras", ".sr"}
)
"""Extensions of image files in a folder. A file that is named by itself may have any, and so may
photos whose first bytes tell what they are."""

RAW = {
    *(".3fr", ".arw", ".bay", ".cap", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff"),
    *(".gpr", ".iiq", ".k25", ".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".ori"),
    *(".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f"),
}
"""Extensions of cameras' raw files. Many begin like TIFF, whose first image is a preview."""

WHY_RAW = "a camera's raw file, which no library here decodes; convert it to JPEG or PNG"

TGA = (".icb", ".tga", ".vda", ".vst")
"""Extensions of TGA files."""

WITH_PILLOW = {".cur", ".dds", ".icns", ".ico", ".pcd", ".pcx", ".psd", ".qoi", ".sgi", *TGA}
"""Extensions of images that Pillow decodes, and OpenCV does not."""

UNREADABLE = RAW | {
    *(".avci", ".avcs", ".avifs", ".bpg", ".dcm", ".exr", ".heic", ".heics", ".heif", ".heifs"),
    *(".hif", ".jls", ".jxl", ".jxr", ".kra", ".psb", ".svg", ".svgz", ".wdp", ".xcf"),
}
"""Extensions of images that cannot be decoded here, unless their content is of another format."""

VIDEOS = {
    *(".264", ".265", ".3g2", ".3gp", ".3gp2", ".3gpp", ".asf", ".avc", ".avi", ".divx", ".dv"),
    *(".dvr-ms", ".f4v", ".flv", ".gxf", ".h264", ".h265", ".hevc", ".ismv", ".ivf", ".m1v"),
    *(".m2p", ".m2t", ".m2ts", ".m2v", ".m4v", ".mjpeg", ".mjpg", ".mk3d", ".mkv", ".mov", ".mp4"),
    *(".mpe", ".mpeg", ".mpg", ".mpv", ".mts", ".mxf", ".nut", ".obu", ".ogm", ".ogv", ".qt"),
    *(".rm", ".rmvb", ".tod", ".tp", ".trp", ".ts", ".vob", ".webm", ".wmv", ".wtv", ".y4m"),
}
"""Extensions of videos in a folder. Others are known by their first bytes, such as .mod, which also
is one of music."""

MAYBE_TEXT = {".dv", ".mts", ".nut", ".rm", ".tod", ".tp", ".trp", ".ts"}
"""Extensions of videos that text has, too, such as TypeScript (.ts, .mts) and Squirrel (.nut)."""

WRITABLE_VIDEOS = {".gif", ".mkv", ".mov", ".mp4", ".webm"}
"""Extensions of videos that can be written."""

TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz")
"""Ends of the names of tar files."""

ZIPS = (".zip",)
"""Ends of the names of zip files."""


UNREADABLE_ARCHIVES = (".7z", ".rar", ".tar.lz4", ".tar.z", ".tar.zst", ".tzst")
"""Ends of the names of archives that are not read."""


def is_raw(name: str) -> bool:
    """Returns true for the name of a camera's raw file."""
    return os.path.splitext(name)[1].lower() in RAW
