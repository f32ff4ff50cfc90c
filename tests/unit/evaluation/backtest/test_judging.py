"""The desk over a history, in one process and in several."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from data.schema import Channel
from evaluation.backtest.judging import BATCH, CATEGORIES, LANGUAGES, DeskRecipe, Judge, judge_history
from evaluation.backtest.labels import UNLABELLED
from kb_index.build import build_index
from models.bundle import save_bundle
from serving.settings.load import SHIPPED_FILE, load_settings
from tests.unit.evaluation.backtest.builders import ARTICLES, ticket
from tests.unit.models.tiny import tiny_bundle, tiny_encoder

TEXTS = (
    "Wo ist meine Bestellung?",
    "パスワードを忘れました",
    "我的订单在哪里？",
    "¿Dónde está mi pedido?",
    "J'ai oublié",
    "Reset?",
)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> DeskRecipe:
    folder = tmp_path_factory.mktemp("desk")
    tiny_encoder().save(folder / "encoder")
    bundle = tiny_bundle()
    object.__setattr__(bundle, "encoder_reference", str(folder / "encoder"))
    save_bundle(bundle, folder / "bundle")
    build_index(ARTICLES, bundle.encoder, folder / "index")
    return DeskRecipe(load_settings(SHIPPED_FILE, {}), folder / "bundle", folder / "index")


def test_judge_says_category_language_article_and_probability(recipe: DeskRecipe) -> None:
    judge = Judge.open(recipe)
    rows = judge.judge([ticket(text) for text in TEXTS])
    assert [LANGUAGES[number] for number in rows["language"][:4]] == ["de", "ja", "zh", "es"]
    assert {str(CATEGORIES[number]) for number in rows["category"]} <= {"account", "shipping", "other"}
    assert (rows["article"] >= 0).all()
    assert ((rows["probability"] >= 0) & (rows["probability"] <= 1)).all()
    assert not (rows["answered"] & ~rows["allowed"]).any()
    assert not rows["refused"].any()


def test_judge_message_that_cannot_be_taken_in_is_refused_and_the_others_keep_their_place(
    recipe: DeskRecipe,
) -> None:
    alone = Judge.open(recipe).judge([ticket(TEXTS[1])])
    rows = Judge.open(recipe).judge([ticket("\x07"), ticket(TEXTS[1])])
    assert rows["refused"].tolist() == [True, False]
    assert rows[1] == alone[0]


def test_judge_channel_without_automatic_answers_is_not_allowed(recipe: DeskRecipe) -> None:
    spoken = ticket(TEXTS[0])
    object.__setattr__(spoken, "channel", Channel.PHONE)
    assert not Judge.open(recipe).judge([spoken])["allowed"].any()


def test_judge_reply_that_names_no_article_is_compared_with_all(recipe: DeskRecipe) -> None:
    replies = ("「忘れた」を選びます。パスワードを再設定", "Siehe KB0021", "")
    rows = Judge.open(recipe).judge([ticket(TEXTS[1], reply=reply) for reply in replies])
    assert rows["similar"][1:].tolist() == [UNLABELLED, UNLABELLED], "named or not there"
    assert rows["similarity"][0] <= 1


def test_judge_history_is_the_same_for_any_number_of_processes(recipe: DeskRecipe, tmp_path: Path) -> None:
    tickets = [ticket(f"{TEXTS[number % 6]} {number}") for number in range(2 * BATCH + 7)]
    seen: list[int] = []
    one = judge_history(recipe, iter(tickets), 1)
    two = judge_history(recipe, iter(tickets), 2, seen.append)
    np.testing.assert_array_equal(one, two)
    assert seen == [BATCH, BATCH, 7]
