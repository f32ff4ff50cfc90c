from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from data.errors import DataError
from training.parallel_text import Pair, read_english, read_pairs


def write_gz(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)


def write_rows(path: Path, *rows: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_read_pairs_sentence_files_are_general_text(tmp_path: Path) -> None:
    write_gz(tmp_path / "parallel" / "en-ja.tsv.gz", "Where is it?\tどこですか", "half a line", "\tnothing")
    assert read_pairs(tmp_path, None) == [Pair("Where is it?", "どこですか", "ja", support=False)]


def test_read_pairs_interface_strings_are_support_text_except_prose(tmp_path: Path) -> None:
    write_gz(
        tmp_path / "parallel" / "help-and-ui.tsv.gz",
        "de\tReset password\tPasswort zurücksetzen\tsome-app",
        "fr\tOnce upon a time\tIl était une fois\tpawsx",
    )
    assert [pair.support for pair in read_pairs(tmp_path, None)] == [True, False]


def test_read_pairs_massive_rows_are_joined_by_id(tmp_path: Path) -> None:
    write_rows(tmp_path / "massive" / "en.train.jsonl", {"id": "1", "text": "play music"})
    write_rows(
        tmp_path / "massive" / "zh.train.jsonl", {"id": "1", "text": "放音乐"}, {"id": "2", "text": "别的"}
    )
    assert read_pairs(tmp_path, None) == [Pair("play music", "放音乐", "zh", support=True)]


def test_read_pairs_articles_give_titles_and_steps(tmp_path: Path) -> None:
    from data.taxonomy import CORPUS_DIR

    pairs = read_pairs(tmp_path, CORPUS_DIR)
    assert {pair.language for pair in pairs} == {"es", "fr", "de", "ja", "zh"}
    assert all(pair.support and pair.english and pair.other for pair in pairs)
    assert len(pairs) > 5 * 53 * 4


def test_read_pairs_nothing_there_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"en-\*\.tsv\.gz"):
        read_pairs(tmp_path, None)


@pytest.mark.parametrize("line", ["ja\tReset\tリセット", "xx\tReset\tReset\tapp"])
def test_read_pairs_bad_interface_string_is_refused_with_its_place(tmp_path: Path, line: str) -> None:
    write_gz(tmp_path / "parallel" / "help-and-ui.tsv.gz", "de\tone\teins\tapp", line)
    with pytest.raises(DataError, match=r"help-and-ui.tsv.gz:2: expected language"):
        read_pairs(tmp_path, None)


def test_read_pairs_bad_row_is_refused_with_its_place(tmp_path: Path) -> None:
    write_rows(tmp_path / "massive" / "en.train.jsonl", {"id": "1", "text": "play music"}, {"id": "2"})
    with pytest.raises(DataError, match=r"en.train.jsonl:2: not a row with a text"):
        read_pairs(tmp_path, None)


def test_read_english_sentences_are_not_repeated(tmp_path: Path) -> None:
    write_rows(tmp_path / "banking77" / "train.jsonl", {"text": "card lost"}, {"text": "card lost"})
    write_rows(tmp_path / "massive" / "en.train.jsonl", {"id": "1", "text": "play music"})
    assert read_english(tmp_path, None) == ["card lost", "play music"]


def test_read_english_shipped_corpus_gives_training_tickets_only(tmp_path: Path) -> None:
    from data.schema import Language, Split
    from data.taxonomy import CORPUS_DIR
    from data.tickets import load_tickets

    english = set(read_english(tmp_path, CORPUS_DIR))
    tickets = [ticket for ticket in load_tickets() if ticket.language is Language.EN]
    assert {ticket.text for ticket in tickets if ticket.split is Split.TRAIN} <= english
    held_out = {ticket.text for ticket in tickets if ticket.split is not Split.TRAIN}
    assert not held_out & english - {ticket.text for ticket in tickets if ticket.split is Split.TRAIN}
