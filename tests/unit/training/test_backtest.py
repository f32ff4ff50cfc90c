"""A whole backtest of the toy desk: learnt from the earlier tickets, measured on the later ones."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.schema import Language
from models.champion import install
from serving.settings import Settings, load_settings
from serving.settings.load import SHIPPED_FILE
from tests.unit.training import toy
from tests.unit.training.toy import ToyDesk
from training.backtest import prepare
from training.cli import main
from training.errors import TrainingError
from training.pipeline import PipelineConfig, train

COMPANY = {"order_tracking": "SOL-1", "password_reset": "SOL-2", "human_agent": "none"}
ROWS = 900


@dataclass(frozen=True)
class Company:
    """A company with the toy desk's matters and articles of its own.

    Attributes:
        settings: as the command opens them, with a toy champion.
        export: its history, oldest first; `unlabelled` is the same without articles, `replied` with human replies.
        articles: plain Markdown and JSON lines.
    """

    settings: Settings
    export: Path
    unlabelled: Path
    replied: Path
    articles: Path


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("company")
    config = ToyDesk(folder / "toy").write()
    run = train(config)
    config.bundles.mkdir(parents=True, exist_ok=True)
    install(run.folder, config.bundles, run.bundle.version)
    environment = {"FIRSTLINE_VAR": str(folder / "toy" / "var"), "FIRSTLINE_ENCODER": config.encoder}
    _write_articles(folder / "articles")
    _write_export(folder / "export.csv", lambda name, _: (name, ""))
    _write_export(folder / "unlabelled.csv", lambda *_: ("", ""))
    _write_export(folder / "replied.csv", _reply)
    return Company(
        load_settings(SHIPPED_FILE, environment),
        folder / "export.csv",
        folder / "unlabelled.csv",
        folder / "replied.csv",
        folder / "articles",
    )


def _write_articles(folder: Path) -> None:
    folder.mkdir()
    for topic, name in COMPANY.items():
        if name != "none":
            wishes = [wish for (found, _), own in toy.WISHES.items() if found == topic for wish in own]
            rows = [
                {"id": name, "title": own[0], "body": " ".join(own), "locale": str(language)}
                for (found, language), own in toy.WISHES.items()
                if found == topic
            ]
            lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
            (folder / f"{topic}.jsonl").write_text(lines, encoding="utf-8")
            assert wishes


def _write_export(path: Path, label: Callable[[str, int], tuple[str, str]]) -> None:
    keys = list(toy.WISHES)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Datum", "Nachricht", "Artikel", "Antwort"])
        for number in range(ROWS):
            topic, language = keys[number % len(keys)]
            wishes, tones = toy.WISHES[topic, language], toy.TONES[Language(language)]
            wish, tone = wishes[number // 9 % len(wishes)], tones[number // 40 % 5]
            day = date(2026, 1, 1) + timedelta(days=number // 10)
            marks = "".join(chr(0x61 + int(digit)) for digit in str(number))
            text = f"{tone} {wish} {marks}"
            writer.writerow([f"{day:%d.%m.%Y}", text, *label(COMPANY[topic], number)])


def _reply(name: str, number: int) -> tuple[str, str]:
    """People send the wrong article now and then."""
    sent = "SOL-2" if number % 20 == 0 else name
    return "", f"Siehe https://help.example/{sent}"


@pytest.fixture
def run(
    company: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., dict[str, Any]]:
    """Runs the command in this process and returns its figures."""
    monkeypatch.setattr("training.commands.evaluate.backtest.open_settings", lambda _: company.settings)
    monkeypatch.setattr(prepare, "PipelineConfig", _toy_pipeline)
    monkeypatch.setattr("training.backtest.search_only.TRAIN_ROWS", 400)
    monkeypatch.setattr("training.backtest.search_only.CALIBRATION_ROWS", 200)

    def run(*arguments: str, code: int = 0) -> dict[str, Any]:
        report = tmp_path / "report.html"
        words = ["firstline", "evaluate", "backtest", "--json", "--workers", "1", "--report", str(report)]
        monkeypatch.setattr(sys, "argv", [*words, *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        output = capsys.readouterr()
        assert stopped.value.code == code, output.err
        if code:
            return {"error": output.err}
        return {**json.loads(output.out), "report": report.read_text(encoding="utf-8")}

    return run


def _toy_pipeline(**told: Any) -> PipelineConfig:
    """The real pipeline with views that are quick to fit."""
    config = PipelineConfig(**told)
    return replace(
        config, scorer_epochs=3, heads=replace(config.heads, token_views=toy.TOKEN_VIEW, share_step=0.5)
    )


def test_backtest_unknown_articles_and_labels_learns_from_the_earlier_tickets_only(
    company: Company, run: Callable[..., dict[str, Any]]
) -> None:
    figures = run("--tickets", str(company.export), "--articles", str(company.articles))
    method, tickets = figures["method"], figures["tickets"]
    assert method["models"] == "trained"
    assert method["cut"] == "time"
    assert method["measured_from"] == "2026-02-23"
    assert method["learnt_from"] <= tickets["learnt_from_at_most"] == ROWS - tickets["measured"]
    assert set(figures["by_month"]) == {"2026-02", "2026-03"}
    labels = figures["precision"]["labels"]
    assert labels["of"] > 30
    assert labels["value"] > 0.95
    assert 0.2 < figures["predicted_resolvable"]["value"] <= 2 / 3 + 0.05, (
        "a third of the tickets is for people"
    )
    assert "Predicted resolvable" in figures["report"]


def test_backtest_labels_that_cannot_be_learnt_from_leave_the_search_and_say_why(
    company: Company, run: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: PipelineConfig) -> None:
        raise TrainingError("too few of everything")

    monkeypatch.setattr(prepare, "train", refuse)
    arguments = ("--tickets", str(company.export), "--articles", str(company.articles))
    figures = run(*arguments)
    assert figures["method"]["models"] == "search_only"
    assert "too few of everything" in figures["method"]["why"]
    assert "too few of everything" in run(*arguments, "--models", "trained", code=2)["error"]


def test_backtest_without_labels_answers_nothing_and_says_which_labels_are_missing(
    company: Company, run: Callable[..., dict[str, Any]]
) -> None:
    figures = run("--tickets", str(company.unlabelled), "--articles", str(company.articles))
    assert figures["method"]["models"] == "search_only"
    assert figures["predicted_resolvable"]["value"] == 0
    assert figures["precision"]["labels"]["value"] is None
    assert figures["precision"]["expected"] is None
    assert figures["tickets"]["measured"] == ROWS, "nothing is learnt, so everything is measured"
    assert all(row["at_least"] for row in figures["labels_missing"] if row["tickets"])


def test_backtest_articles_that_only_replies_name_are_learnt_as_weak_labels(
    company: Company, run: Callable[..., dict[str, Any]]
) -> None:
    figures = run("--tickets", str(company.replied), "--articles", str(company.articles))
    assert figures["method"]["models"] == "trained"
    assert figures["method"]["learnt_from_replies"]
    assert figures["precision"]["labels"]["value"] is None, "a reply is no label"
    assert figures["tickets"]["reply_points_to_article"] > ROWS / 2
    assert {proof["labelled"] for proof in figures["proof"].values()} == {0}


def test_backtest_examples_are_scrubbed_and_only_quoted_when_asked_for(
    company: Company, run: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    export = tmp_path / "export.jsonl"
    texts = [
        "パスワードを忘れました taro@example.com 090-1234-5678",
        "wo ist meine bestellung max@example.com",
    ]
    export.write_text("\n".join(json.dumps({"message": text, "article": "KB902"}) for text in texts))
    own = str(ToyDesk(company.export.parent / "toy").config().articles)
    settings = company.settings
    gate = settings.gate.model_copy(update={"fallback_threshold": 0.0})
    object.__setattr__(company, "settings", settings.model_copy(update={"gate": gate}))
    try:
        arguments = ("--tickets", str(export), "--articles", own)
        silent, quoting = run(*arguments), run(*arguments, "--examples", "2")
    finally:
        object.__setattr__(company, "settings", settings)
    assert silent["precision"]["answers"] > 0
    assert "パスワード" not in silent["report"]
    assert "パスワードを忘れました [email] [number]" in quoting["report"]
    for secret in ("taro@", "1234", "max@"):
        assert secret not in quoting["report"]


def test_backtest_same_input_gives_the_same_figures(
    company: Company, run: Callable[..., dict[str, Any]]
) -> None:
    first, second = (
        run("--tickets", str(company.export), "--articles", str(company.articles)) for _ in range(2)
    )
    for figures in (first, second):
        for name in ("seconds", "tickets_per_second", "report"):
            figures.pop(name)
    assert first == second


def test_backtest_articles_of_another_company_are_refused(
    company: Company, run: Callable[..., dict[str, Any]]
) -> None:
    found = run("--tickets", str(company.export), code=2)
    assert "names no article of the folder" in found["error"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--column", "message=Text"), "no column 'Text'"),
        (("--models", "magic"), "'magic' is not one of"),
        (("--empty-article", "maybe"), "'maybe' is not one of"),
    ],
)
def test_backtest_wrong_option_is_one_line(
    company: Company, run: Callable[..., dict[str, Any]], arguments: tuple[str, ...], message: str
) -> None:
    found = run("--tickets", str(company.export), "--articles", str(company.articles), *arguments, code=2)
    assert message in found["error"]
    assert found["error"].count("\n") == 1
