from __future__ import annotations

import re
from pathlib import Path

import pytest

from data.errors import DataError
from training.own_text import PlainText, read_own_text
from training.parallel_text import Pair


def test_read_own_text_folder_gives_pairs_plain_text_and_corpus(tmp_path: Path) -> None:
    (tmp_path / "shop.tsv").write_text(
        "de\tReset the lamp\tLampe zurücksetzen\n\nja\tTrack it\t追跡する\n", encoding="utf-8"
    )
    (tmp_path / "en.txt").write_text("Our lamp hums.\n\n", encoding="utf-8")
    (tmp_path / "help.zh.txt").write_text("\ufeff台灯不亮。\n", encoding="utf-8")
    (tmp_path / "articles").mkdir()
    own = read_own_text(tmp_path)
    assert own.pairs == [
        Pair("Reset the lamp", "Lampe zurücksetzen", "de", support=True),
        Pair("Track it", "追跡する", "ja", support=True),
    ]
    assert own.plain == [PlainText("Our lamp hums.", "en"), PlainText("台灯不亮。", "zh")]
    assert own.corpus == tmp_path


def test_read_own_text_single_file_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "ours.fr.txt"
    path.write_text("La lampe clignote.", encoding="utf-8")
    own = read_own_text(path)
    assert (own.plain, own.pairs, own.corpus) == ([PlainText("La lampe clignote.", "fr")], [], None)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", "de\tone\teins\nde\ttwo", r"a.tsv:2: .*got 2 fields"),
        ("a.tsv", "de\t\teins", r"a.tsv:1: expected language, English and other"),
        ("a.tsv", "xx\tone\teins", r"a.tsv:1: 'xx' is not one of de, es, fr, ja, zh"),
        ("a.tsv", "en\tone\tone", r"a.tsv:1: 'en' is not one of"),
        ("notes.txt", "hello", r"notes.txt: .*name ends with a language"),
        ("data.csv", "hello", r"data.csv: expected a \*.tsv file"),
    ],
)
def test_read_own_text_bad_line_or_name_is_refused_with_its_place(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_own_text(tmp_path / name)


def test_read_own_text_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "de.txt").write_bytes("Grüße".encode("latin-1"))
    with pytest.raises(DataError, match="UTF-8"):
        read_own_text(tmp_path)


def test_read_own_text_empty_folder_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=re.escape("<language>.txt")):
        read_own_text(tmp_path)
