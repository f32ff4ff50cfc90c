from string import Template

import pytest

from data.schema import Language
from serving.replies.texts import PLACES, load_texts


@pytest.mark.parametrize("language", Language)
def test_every_text_uses_every_place_it_has(language: Language) -> None:
    texts = load_texts(language)
    for name, places in PLACES.items():
        used = set(getattr(texts, name).get_identifiers())
        needed = places - {"company"} if name == "acknowledgement" else places
        assert needed <= used <= places, name
        assert getattr(texts, name).is_valid()


@pytest.mark.parametrize("language", Language)
def test_every_language_is_named(language: Language) -> None:
    names = load_texts(language).languages
    assert set(names) == set(Language)
    assert len(set(names.values())) == len(Language)


@pytest.mark.parametrize("language", [one for one in Language if one is not Language.EN])
def test_no_text_was_left_in_english(language: Language) -> None:
    english, texts = load_texts(Language.EN), load_texts(language)
    same = [name for name in PLACES if _text(getattr(english, name)) == _text(getattr(texts, name))]
    assert [name for name in same if name != "minutes"] == []


def _text(template: Template) -> str:
    return template.template


@pytest.mark.parametrize(
    ("language", "minutes", "words"),
    [
        ("en", 1, "one minute"),
        ("en", 45, "45 minutes"),
        ("en", 60, "one hour"),
        ("en", 240, "4 hours"),
        ("es", 60, "una hora"),
        ("fr", 15, "15 minutes"),
        ("de", 60, "einer Stunde"),
        ("de", 120, "2 Stunden"),
        ("ja", 30, "30分"),
        ("zh", 90, "90 分钟"),
    ],
)
def test_within_reads_as_people_say_it(language: str, minutes: float, words: str) -> None:
    assert load_texts(Language(language)).within(minutes) == words
