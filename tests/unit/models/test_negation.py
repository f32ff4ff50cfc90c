from __future__ import annotations

import pytest

from models.negation import split_negated


@pytest.mark.parametrize(
    ("text", "kept", "negated"),
    [
        ("I am not happy", "I am not", ("happy",)),
        ("I DON’T like it at all", "DON’T", ("like", "it", "at")),
        ("no estoy contenta", "no", ("estoy", "contenta")),
        ("je ne suis pas satisfait du tout", "pas", ("satisfait", "du", "tout")),
        ("ich bin nicht zufrieden", "nicht", ("zufrieden",)),
    ],
)
def test_split_negated_words_after_a_negation_are_taken_out(
    text: str, kept: str, negated: tuple[str, ...]
) -> None:
    rest, words = split_negated(text)
    assert words == negated
    assert kept in rest
    assert not set(words) & set(rest.lower().split())


@pytest.mark.parametrize("text", ["happy", "満足していません。", "我不满意。", "", "🙂", "\ud800"])
def test_split_negated_text_without_a_western_negation_passes_unchanged(text: str) -> None:
    assert split_negated(text) == (text, ())


def test_split_negated_scope_ends_at_a_mark() -> None:
    rest, words = split_negated("not bad, really good")
    assert words == ("bad",)
    assert "really good" in rest


def test_split_negated_second_negation_opens_a_scope_of_its_own() -> None:
    assert split_negated("not a word and never again a thing")[1] == (
        "a",
        "word",
        "and",
        "again",
        "a",
        "thing",
    )
