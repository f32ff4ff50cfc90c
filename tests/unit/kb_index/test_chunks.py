from __future__ import annotations

from dataclasses import replace

import pytest

from kb_index.chunks import MAX_CHARACTERS, ChunkKind, article_text, chunk_article
from tests.unit.kb_index.fakes import ARTICLES, make_article

PASSWORD = ARTICLES[0]


def test_chunk_article_gives_head_paragraphs_and_steps() -> None:
    assert [(chunk.kind, chunk.text) for chunk in chunk_article(PASSWORD)] == [
        (ChunkKind.HEAD, "Reset your password\nforgotten password, log in"),
        (ChunkKind.PARAGRAPH, "Use this when you have forgotten the password of your account."),
        (ChunkKind.PARAGRAPH, "If that does not help\nWrite to us."),
        (ChunkKind.STEPS, "Open the sign-in page.\nChoose Forgot password."),
    ]


def test_chunk_article_passages_carry_the_title() -> None:
    assert all(chunk.passage.startswith("Reset your password\n") for chunk in chunk_article(PASSWORD))


def test_chunk_article_changed_step_changes_only_its_hash() -> None:
    before = chunk_article(PASSWORD)
    after = chunk_article(replace(PASSWORD, steps=("Something else.",)))
    assert [old.hash == new.hash for old, new in zip(before, after, strict=True)] == [True, True, True, False]


@pytest.mark.parametrize(
    "sentence", ["A sentence of some length. ", "これは少し長めの文です。", "wordwithoutend"]
)
def test_chunk_article_long_paragraph_is_cut_and_nothing_is_lost(sentence: str) -> None:
    body = sentence * 200
    pieces = [
        c.text for c in chunk_article(make_article("KB9", "en", "T", body)) if c.kind is ChunkKind.PARAGRAPH
    ]
    assert len(pieces) > 1
    assert all(len(piece) <= MAX_CHARACTERS for piece in pieces)
    assert "".join(pieces).replace(" ", "") == body.replace(" ", "")


def test_chunk_article_of_nothing_gives_one_chunk() -> None:
    assert len(chunk_article(make_article("KB9", "en", "", ""))) == 1


def test_article_text_holds_every_part() -> None:
    text = article_text(PASSWORD)
    for part in ("Reset your password", "log in", "Choose Forgot password.", "Write to us."):
        assert part in text
