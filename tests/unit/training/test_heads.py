from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.schema import LabelledTicket, Language, Sentiment, Split
from data.tone import TonePhrase
from models.features import View
from models.heads import LightHead
from tests.unit.training.toy import SPEC, TOKEN_VIEW, toy_reader, toy_tickets
from training.dataset import make_rows
from training.heads import HeadsConfig, HeadSpec, Rows, calibrate_head, fit_heads, fit_offsets

CONFIG = HeadsConfig(token_views=TOKEN_VIEW, tone_views=TOKEN_VIEW, share_step=0.25)
SENTIMENT = HeadSpec("sentiment", View.TONE_TOKENS, strengths={View.NGRAMS: 5.0}, balanced=True)


def rows_of(split: Split) -> Rows[LabelledTicket]:
    return make_rows([ticket for ticket in toy_tickets() if ticket.split is split], toy_reader())


@pytest.fixture(scope="module")
def train() -> Rows[LabelledTicket]:
    return rows_of(Split.TRAIN)


@pytest.fixture(scope="module")
def held_out() -> Rows[LabelledTicket]:
    return rows_of(Split.CALIBRATION)


@pytest.fixture(scope="module")
def head(train: Rows[LabelledTicket]) -> LightHead:
    return fit_heads([SPEC], train, toy_reader().vocabulary, CONFIG)["topic"]


def likelihood(head: LightHead, spec: HeadSpec, rows: Rows[LabelledTicket]) -> float:
    target = [head.labels.index(str(label)) for label in spec.labels(rows.tickets)]
    return float(head.log_probabilities(rows.features)[np.arange(len(target)), target].mean())


def test_labels_any_attribute_is_text() -> None:
    ticket = toy_tickets()[4]
    phrase = TonePhrase(Language.ZH, "我不满意。", Sentiment.NEGATIVE, urgent=False)
    assert HeadSpec("urgent", View.TONE_TOKENS, {}).labels([ticket, phrase]) == ["true", "false"]
    assert HeadSpec("sentiment", View.TONE_TOKENS, {}).labels([ticket, phrase]) == ["neutral", "negative"]
    assert SPEC.labels([ticket, phrase]) == ["order_tracking", None]


def test_fit_heads_toy_topics_are_learnt_in_every_language(
    head: LightHead, held_out: Rows[LabelledTicket]
) -> None:
    assert head.labels == ("human_agent", "order_tracking", "password_reset")
    predicted = head.log_probabilities(held_out.features).argmax(axis=1)
    right = np.array([head.labels[i] == t.topic for i, t in zip(predicted, held_out.tickets, strict=True)])
    for language in {ticket.language for ticket in held_out.tickets}:
        assert right[[ticket.language is language for ticket in held_out.tickets]].mean() >= 0.9


def test_fit_heads_weights_are_those_that_half_precision_keeps(head: LightHead) -> None:
    for view in head.views.values():
        np.testing.assert_array_equal(view.weights, view.weights.astype(np.float16).astype(np.float32))
    assert sum(view.share for view in head.views.values()) == pytest.approx(1)


def test_fit_heads_tone_phrases_teach_tone_only(train: Rows[LabelledTicket]) -> None:
    phrases = [
        TonePhrase(Language.DE, f"empörend {n}", Sentiment.VERY_NEGATIVE, urgent=False) for n in range(6)
    ]
    joined = train.join(make_rows(phrases, toy_reader()))
    heads = fit_heads([SPEC, SENTIMENT], joined, toy_reader().vocabulary, CONFIG)
    assert Sentiment.VERY_NEGATIVE in heads["sentiment"].labels
    assert len(heads["topic"].labels) == 3


def test_calibrate_head_never_lowers_the_likelihood(head: LightHead, held_out: Rows[LabelledTicket]) -> None:
    calibrated = calibrate_head(head, SPEC, held_out, 0.25)
    assert likelihood(calibrated, SPEC, held_out) >= likelihood(head, SPEC, held_out) - 1e-6
    assert sum(view.share for view in calibrated.views.values()) == pytest.approx(1)


def test_calibrate_head_overconfident_head_gets_a_higher_temperature(
    head: LightHead, held_out: Rows[LabelledTicket]
) -> None:
    random = np.random.default_rng(0)
    noisy = [
        replace(ticket, topic=str(random.choice(head.labels))) if random.random() < 0.4 else ticket
        for ticket in held_out.tickets
    ]
    clean = calibrate_head(head, SPEC, held_out, 0.5)
    warm = calibrate_head(head, SPEC, replace(held_out, tickets=noisy), 0.5)
    assert warm.temperature > clean.temperature


def test_calibrate_head_class_that_is_more_frequent_than_in_training_becomes_likelier(
    head: LightHead, held_out: Rows[LabelledTicket]
) -> None:
    """Texts that say nothing are of that class: only its offset can make up for them."""
    frequent = head.labels[0]
    mute = replace(
        held_out, tickets=[replace(t, topic=frequent) if i % 2 else t for i, t in enumerate(held_out.tickets)]
    )
    moved = calibrate_head(head, SPEC, mute, 0.5)
    kept = calibrate_head(head, replace(SPEC, offsets=False), mute, 0.5)
    share = np.mean([ticket.topic == frequent for ticket in mute.tickets])
    means = [float(np.exp(h.log_probabilities(mute.features))[:, 0].mean()) for h in (kept, moved)]
    assert means[0] < means[1] <= share + 0.05
    assert likelihood(moved, SPEC, mute) > likelihood(kept, SPEC, mute)


def test_fit_offsets_known_shift_is_found_and_shrunk_where_tickets_are_few() -> None:
    random = np.random.default_rng(0)
    logits = random.standard_normal((4000, 3)).astype(np.float32)
    shift = np.array([1.0, 0.0, -1.0])
    chances = np.exp(logits + shift) / np.exp(logits + shift).sum(axis=1, keepdims=True)
    target = (random.random((4000, 1)) > chances.cumsum(axis=1)).sum(axis=1)
    found = fit_offsets(logits, target)
    np.testing.assert_allclose(found - found.mean(), shift, atol=0.15)
    few = fit_offsets(logits[:20], target[:20])
    assert np.abs(few).sum() < np.abs(found - found.mean()).sum()


def test_calibrate_head_useless_view_loses_its_share(head: LightHead, held_out: Rows[LabelledTicket]) -> None:
    dense = head.views[View.DENSE]
    random = np.random.default_rng(0).standard_normal(dense.weights.shape).astype(np.float32)
    spoilt = LightHead(head.labels, {**head.views, View.DENSE: replace(dense, weights=20 * random)})
    calibrated = calibrate_head(spoilt, SPEC, held_out, 0.25)
    assert calibrated.views[View.TOKENS].share >= 0.75
