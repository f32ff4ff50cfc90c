"""Articles cut into the pieces that are embedded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from data.schema import Article

MAX_CHARACTERS = 800
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n")


class ChunkKind(StrEnum):
    """Which part of an article a chunk is."""

    HEAD = "head"
    PARAGRAPH = "paragraph"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of an article.

    Attributes:
        text: the piece as a reader sees it.
        passage: what is embedded: the piece under its article's title.
        hash: of the passage; equal hashes have equal vectors.
    """

    kind: ChunkKind
    text: str
    passage: str
    hash: str


def chunk_article(article: Article) -> list[Chunk]:
    """Returns title with keywords, then the paragraphs of the body, then the steps; at least one chunk.

    A heading stays with the paragraph after it. Pieces have at most `MAX_CHARACTERS`, cut between sentences.
    """
    head = "\n".join([article.title, ", ".join(article.keywords)]).strip()
    chunks = [_make_chunk(ChunkKind.HEAD, head, head)]
    parts = [(ChunkKind.PARAGRAPH, text) for text in _paragraphs(article.body)]
    if article.steps:
        parts.append((ChunkKind.STEPS, "\n".join(article.steps)))
    for kind, text in parts:
        chunks.extend(_make_chunk(kind, piece, f"{article.title}\n{piece}") for piece in _split(text))
    return chunks


def article_text(article: Article) -> str:
    """Returns everything of an article that the lexical index reads."""
    parts = (article.title, ", ".join(article.keywords), *article.steps, *article.paragraphs)
    return "\n".join(parts)


def _make_chunk(kind: ChunkKind, text: str, passage: str) -> Chunk:
    digest = hashlib.sha256(passage.encode("utf-8", "surrogatepass")).hexdigest()
    return Chunk(kind, text, passage, digest[:32])


def _paragraphs(body: str) -> Iterator[str]:
    heading = ""
    for block in re.split(r"\n\s*\n", re.sub(r"(?m)^(#+ .*)$", r"\n\1\n", body)):
        text = block.strip()
        if text.startswith("#"):
            heading = text.lstrip("#").strip()
        elif text:
            yield f"{heading}\n{text}" if heading else text
            heading = ""
    if heading:
        yield heading


def _split(text: str) -> Iterator[str]:
    piece = ""
    for sentence in _sentences(text):
        if piece and len(piece) + len(sentence) > MAX_CHARACTERS:
            yield piece.strip()
            piece = ""
        piece += sentence
    if piece.strip():
        yield piece.strip()


def _sentences(text: str) -> Iterator[str]:
    """Yields the sentences with the white space after them; one of more than the limit is cut."""
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
        for cut in range(start, end, MAX_CHARACTERS):
            yield text[cut : min(cut + MAX_CHARACTERS, end)]
