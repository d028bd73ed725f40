"""Spells the languages of streams as file types have them."""

from __future__ import annotations

from av.container import OutputContainer

from mtcnn_rt.video.sinks.described import described
from mtcnn_rt.video.sources.side_streams import QUICKTIME_LANGUAGES

_PAIRS = (
    *(("alb", "sqi"), ("arm", "hye"), ("baq", "eus"), ("bur", "mya"), ("chi", "zho")),
    *(("cze", "ces"), ("dut", "nld"), ("fre", "fra"), ("geo", "kat"), ("ger", "deu")),
    *(("gre", "ell"), ("ice", "isl"), ("mac", "mkd"), ("mao", "mri"), ("may", "msa")),
    *(("per", "fas"), ("rum", "ron"), ("slo", "slk"), ("tib", "bod"), ("wel", "cym")),
    *QUICKTIME_LANGUAGES.items(),
)
"""Languages with two codes: FFmpeg knows one of them for MOV."""

_OTHER_CODES = dict(_PAIRS) | {other: one for one, other in _PAIRS}
_LIMITED = ("mov", "mp4")
_UNKNOWN = "und"


def spelled(file_type: str, language: str) -> str:
    """Returns the code of a language as a file type holds it; "" if it cannot.

    Args:
        file_type: FFmpeg's name.
        language: The code of the input; "" for none.
    """
    if file_type not in _LIMITED or language in ("", _UNKNOWN):
        return language
    codes = (language, _OTHER_CODES.get(language, ""))
    return next((code for code in codes if code and _holds(file_type, code)), "")


def _holds(file_type: str, code: str) -> bool:
    """Tries if a file type keeps a code: FFmpeg leaves out the others without an error."""

    def add(output: OutputContainer) -> None:
        output.add_stream("aac", rate=8000).metadata["language"] = code

    with described(file_type, add) as container:
        return container.streams[0].metadata.get("language") == code
