"""Content codings by negotiation (RFC 9110, section 12.5.3): zstd (RFC 8878), gzip, or none."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import zstandard

from kg.web.negotiate import parse_qualities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Smaller contents gain nothing.
SMALLEST = 860
# In the order in which the server prefers them: zstd is both smaller and several times faster than gzip.
CODINGS = ("zstd", "gzip")
# RFC 9110, section 8.4.1.3.
_ALIASES = {"x-gzip": "gzip"}
_ZSTD_LEVEL = 3
_GZIP_LEVEL = 5
_TEXTUAL = ("text/", "application/", "image/svg")
_COMPRESSED_ALREADY = ("application/zip", "application/gzip", "application/zstd")


def choose_coding(accept_encoding: str | None) -> str:
    """Return the coding that a client likes best, or an empty string for none; unnamed codings are not used."""
    if not accept_encoding:
        return ""
    qualities = {_ALIASES.get(name, name): quality for name, quality in parse_qualities(accept_encoding)}
    anything = qualities.get("*", 0.0)
    best, quality = "", 0.0
    for coding in CODINGS:
        value = qualities.get(coding, anything)
        if value > quality:
            best, quality = coding, value
    return best if quality >= qualities.get("identity", anything) else ""


def is_compressible(content_type: str) -> bool:
    """Tell whether content of this type is text that gets smaller."""
    return content_type.startswith(_TEXTUAL) and not content_type.startswith(_COMPRESSED_ALREADY)


def compress(body: bytes, coding: str) -> bytes:
    """Return ``body`` in ``coding``; the same bytes each time."""
    if coding == "zstd":
        return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(body)
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)


def compress_stream(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Yield ``chunks`` in ``coding``."""
    if coding == "zstd":
        compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()
        for chunk in chunks:
            if piece := compressor.compress(chunk):
                yield piece
        yield compressor.flush()
        return
    deflater = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    for chunk in chunks:
        if piece := deflater.compress(chunk):
            yield piece
    yield deflater.flush()
