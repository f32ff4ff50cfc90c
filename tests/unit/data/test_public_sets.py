from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.errors import DataError
from data.public_sets import LabelledText, load_public_set


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`datasets` keeps its cache, and looks for the hub, where these constants say."""
    import datasets.config

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)


def write(path: Path, *rows: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")


def test_load_public_set_one_file_a_split_gives_its_rows(tmp_path: Path) -> None:
    write(tmp_path / "set" / "train.jsonl", {"text": "转账失败", "label": "transfer"})
    write(tmp_path / "set" / "test.jsonl", {"text": "tarjeta", "label": "card"})
    assert load_public_set(str(tmp_path / "set")) == [LabelledText("转账失败", "transfer", "")]
    assert load_public_set(str(tmp_path / "set"), "test") == [LabelledText("tarjeta", "card", "")]


def test_load_public_set_one_file_a_language_takes_the_language_from_the_name(tmp_path: Path) -> None:
    write(tmp_path / "set" / "ja.dev.jsonl", {"text": "音楽をかけて", "label": 7})
    write(tmp_path / "set" / "de.dev.jsonl", {"text": "spiel musik", "label": 7})
    assert load_public_set(str(tmp_path / "set"), "dev") == [
        LabelledText("spiel musik", "7", "de"),
        LabelledText("音楽をかけて", "7", "ja"),
    ]


def test_load_public_set_language_column_wins_over_the_name(tmp_path: Path) -> None:
    write(tmp_path / "set" / "train.jsonl", {"text": "hola", "label": "a", "language": "es"})
    assert load_public_set(str(tmp_path / "set"))[0].language == "es"


def test_load_public_set_named_columns_are_read(tmp_path: Path) -> None:
    write(tmp_path / "set" / "train.jsonl", {"utterance": "bonjour", "intent": "greet"})
    rows = load_public_set(str(tmp_path / "set"), text_column="utterance", label_column="intent")
    assert rows == [LabelledText("bonjour", "greet", "")]


def test_load_public_set_missing_split_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "set" / "train.jsonl", {"text": "a", "label": "b"})
    with pytest.raises(DataError, match=r"no dev\.jsonl"):
        load_public_set(str(tmp_path / "set"), "dev")


def test_load_public_set_missing_column_names_those_there_are(tmp_path: Path) -> None:
    write(tmp_path / "set" / "train.jsonl", {"utterance": "a", "label": "b"})
    with pytest.raises(DataError, match=r"no column 'text'; there are utterance, label"):
        load_public_set(str(tmp_path / "set"))


def test_load_public_set_broken_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "train.jsonl").write_text("{not json\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"train\.jsonl"):
        load_public_set(str(tmp_path / "set"))


def test_load_public_set_hub_out_of_reach_says_what_to_do() -> None:
    with pytest.raises(DataError, match="check the id and the network"):
        load_public_set("nobody/firstline-no-such-set")
