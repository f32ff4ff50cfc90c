"""The models a backtest judges with: the champion, a bundle learnt from the earlier tickets, or one that only searches.

Nothing here is promoted, and nothing stays: a backtest works in a folder of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.history.tickets import History
from data.schema import Split
from data.taxonomy import load_taxonomy
from data.tickets import load_tickets
from evaluation.backtest.choices import ModelChoice
from evaluation.backtest.judging import DeskRecipe
from evaluation.backtest.labels import UNLABELLED
from evaluation.backtest.measures import FAMILIAR
from evaluation.backtest.sentences import Judges
from evaluation.backtest.survey import Cut, Survey, measure_everything
from models.bundle import Bundle, save_bundle
from models.champion import champion_version
from models.thresholds import Bound
from serving.settings import Settings
from training import category
from training.backtest.corpus import best_labels, labelled_tickets, write_corpus
from training.backtest.search_only import fit_search_only
from training.backtest.workshop import Workshop
from training.errors import TrainingError
from training.pipeline import RESOLUTION, PipelineConfig, train
from training.resolution import ResolutionConfig

FAMILIAR_TEXTS = 1_000
LEAST_ROWS = 300
"""Labelled tickets that are needed to learn from."""


@dataclass(frozen=True)
class Prepared:
    """Models and index that are ready to judge.

    Attributes:
        familiar: see `evaluation.backtest.measures.Backtest`.
    """

    recipe: DeskRecipe
    bundle: Bundle
    judges: Judges
    cut: Cut
    familiar: float | None = None


def choose_models(
    workshop: Workshop, found: Survey, cut: Cut, wanted: ModelChoice
) -> tuple[ModelChoice, str]:
    """Returns which models to judge with, and why."""
    if wanted is not ModelChoice.AUTO:
        return wanted, "as asked for with --models"
    own = {article.id for article in workshop.articles}
    known = {article for article in workshop.champion.scorer.topic_articles.by_topic.values() if article}
    if own <= known:
        return ModelChoice.CHAMPION, "the champion was trained for these articles"
    labels = best_labels(found)
    if int((cut.earlier & (labels != UNLABELLED) & ~found.repeated).sum()) >= LEAST_ROWS:
        return (
            ModelChoice.TRAINED,
            "the champion does not know these articles; the earlier tickets say which one solved them",
        )
    return (
        ModelChoice.SEARCH_ONLY,
        (
            f"the champion does not know these articles, and fewer than {LEAST_ROWS} earlier tickets say which one "
            "solved them"
        ),
    )


def prepare(
    workshop: Workshop, history: History, found: Survey, cut: Cut, choice: tuple[ModelChoice, str]
) -> Prepared:
    """Returns the models of `choice`, ready to judge."""
    kind, why = choice
    if kind is ModelChoice.CHAMPION:
        return _use_champion(workshop, found, why)
    if kind is ModelChoice.SEARCH_ONLY:
        return _use_search(workshop, found, why)
    return _train(workshop, history, found, cut, why)


def prepare_best(
    workshop: Workshop, history: History, found: Survey, cut: Cut, wanted: ModelChoice
) -> Prepared:
    """Returns the models that were asked for, or the best there can be.

    Raises:
        TrainingError: trained ones were asked for, and the labelled tickets do not suffice.
    """
    choice = choose_models(workshop, found, cut, wanted)
    try:
        return prepare(workshop, history, found, cut, choice)
    except TrainingError as error:
        if wanted is not ModelChoice.AUTO:
            raise
        why = f"the earlier labelled tickets do not suffice to learn from ({error})"
        return _use_search(workshop, found, why)


def _use_champion(workshop: Workshop, found: Survey, why: str) -> Prepared:
    bundles, champion = workshop.settings.models.bundles, workshop.champion
    recipe = DeskRecipe(workshop.settings, bundles / champion_version(bundles), workshop.index)
    judges = Judges(ModelChoice.CHAMPION, why, champion.version)
    familiar = _measure_familiar(champion, _shipped_texts(champion))
    return Prepared(recipe, champion, judges, measure_everything(found), familiar)


def _use_search(workshop: Workshop, found: Survey, why: str) -> Prepared:
    config = resolution_config(workshop.settings)
    bundle = fit_search_only(workshop.champion, workshop.folder / "shipped", config)
    folder = workshop.folder / "bundle"
    bundle = replace(bundle, version=save_bundle(bundle, folder))
    recipe = DeskRecipe(workshop.settings, folder, workshop.index)
    judges = Judges(ModelChoice.SEARCH_ONLY, why, bundle.version)
    return Prepared(recipe, bundle, judges, measure_everything(found))


def resolution_config(settings: Settings) -> ResolutionConfig:
    """Returns how a scorer is fitted under `settings`."""
    promise = settings.gate.guarantee
    return ResolutionConfig(
        bound=Bound(promise.wrong_share, promise.confidence), candidates=settings.index.candidates
    )


def _train(workshop: Workshop, history: History, found: Survey, cut: Cut, why: str) -> Prepared:
    folder, settings = workshop.folder, workshop.settings
    tickets = labelled_tickets(workshop, history, found, cut)
    learnt = [ticket for ticket in tickets if ticket.split is not Split.TEST]
    if len(learnt) < LEAST_ROWS:
        raise TrainingError(
            f"{len(learnt)} earlier tickets in the six languages say which article solved them; "
            f"at least {LEAST_ROWS} are needed to learn from"
        )
    write_corpus(workshop, tickets)
    run = train(
        PipelineConfig(
            encoder=settings.models.encoder,
            tickets=folder / "corpus" / "tickets",
            articles=folder / "corpus" / "articles",
            taxonomy=folder / "corpus" / "taxonomy.toml",
            var=folder,
            bundles=settings.models.bundles,
            parts=(category.SPEC.name, RESOLUTION),
            resolution=resolution_config(settings),
        )
    )
    weak = not (found.truth >= 0).any()
    recipe = DeskRecipe(settings, run.folder, workshop.index)
    texts = [ticket.text for ticket in learnt if ticket.split is Split.CALIBRATION]
    familiar = _measure_familiar(run.bundle, texts)
    judges = Judges(ModelChoice.TRAINED, why, run.bundle.version, len(learnt), bool(weak))
    return Prepared(recipe, run.bundle, judges, cut, familiar)


def _shipped_texts(champion: Bundle) -> list[str]:
    """Returns held-out tickets of the shipped corpus; none where the champion was made with another."""
    known = {article for article in champion.scorer.topic_articles.by_topic.values() if article}
    if known != load_taxonomy().article_ids:
        return []
    return [ticket.text for ticket in load_tickets() if ticket.split is Split.CALIBRATION]


def _measure_familiar(bundle: Bundle, texts: Sequence[str]) -> float | None:
    """Returns the distance that `FAMILIAR` of `texts` stay below; None without a text."""
    step = max(1, len(texts) // FAMILIAR_TEXTS)
    chosen = texts[::step]
    readings = bundle.read(chosen, [None] * len(chosen))
    return float(np.quantile([reading.out_of_scope for reading in readings], FAMILIAR)) if readings else None
