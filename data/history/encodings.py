"""Which encoding a file is in: exports of older programs do not say."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

CHUNK = 1 << 20
SAMPLE = 200_000
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
WESTERN = "cp1252"
EASTERN = ("cp932", "gb18030")
KANA = re.compile("[\u3041-\u30ff]")
COMMON_HAN = re.compile("[的是我你了不在有这個个到说們们要会為为能的单请谢问号码退货款收件快递订买买]")


def detect_encoding(path: Path) -> str:
    """Returns a codec's name: UTF-8 or UTF-16 where the file is, else the likeliest of cp1252, cp932 and gb18030."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    for mark, name in MARKS.items():
        if sample.startswith(mark):
            return name
    return "utf-8-sig" if _is_utf8(path) else _guess(sample)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while part := file.read(CHUNK):
                decoder.decode(part)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _guess(sample: bytes) -> str:
    """Western text has few bytes above 127; Japanese is told from Chinese by its kana."""
    high = [byte for byte in sample if byte > 127]
    if len(high) * 5 < len(sample):
        return WESTERN
    japanese, chinese = (sample.decode(name, errors="replace") for name in EASTERN)
    kana = len(KANA.findall(japanese)) / max(1, len(japanese))
    han = len(COMMON_HAN.findall(chinese)) / max(1, len(chinese))
    return EASTERN[0] if kana > han else EASTERN[1]
