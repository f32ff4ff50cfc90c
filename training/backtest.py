"""The models a backtest judges with: the champion, a bundle learnt from the earlier tickets, or one that only searches.

Nothing here is promoted, and nothing stays: a backtest works in a folder of its own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from data.articles import load_articles, render_article
from data.errors import DataError
from data.history.tickets import History, PastTicket
from data.schema import UNDETERMINED, Article, Category, LabelledTicket, Language, Sentiment, Split
from data.schema import Channel as TicketChannel
from data.tickets import write_tickets
from evaluation.backtest.judging import DeskRecipe
from evaluation.backtest.labels import UNLABELLED, ArticleNames
from evaluation.backtest.survey import NEVER, Cut, Survey, measure_everything
from kb_index.build import build_index
from models.bundle import Bundle, save_bundle
from models.champion import champion_version, open_champion
from models.language import LanguageReader
from serving.settings import Settings
from training import category
from training.backtest_search_only import fit_search_only
from training.pipeline import RESOLUTION, PipelineConfig, train
from training.resolution import ResolutionConfig

MOST_ROWS = 16_000
"""Labelled tickets that are learnt from, the latest ones: more take long and change little."""
LEAST_ROWS = 300
LEAST_OF_TOPIC = 5
"""Tickets of an article below which it is too rare to learn; they count as unanswered."""
CALIBRATION_SHARE = 0.3
TEST_ROWS = 300
READ_CHARACTERS = 4_000


class Models(StrEnum):
    """Which models judge."""

    AUTO = "auto"
    CHAMPION = "champion"
    TRAINED = "trained"
    SEARCH_ONLY = "search_only"


@dataclass(frozen=True)
class Prepared:
    """Models and index that are ready to judge.

    Attributes:
        models: which kind it came to; `why` says so in a sentence.
        learnt_from: tickets of the history that were learnt from.
        weak: whether their labels came from human replies.
    """

    recipe: DeskRecipe
    bundle: Bundle
    models: Models
    why: str
    cut: Cut
    learnt_from: int = 0
    weak: bool = False


@dataclass(frozen=True)
class Workshop:
    """What a backtest prepares its models from.

    Attributes:
        articles: complete: language and category are known.
        folder: where index, bundle and training files are written.
    """

    settings: Settings
    champion: Bundle
    articles: Sequence[Article]
    folder: Path

    @property
    def index(self) -> Path:
        """The root of the index of the company's articles."""
        return self.folder / "index"


def open_workshop(settings: Settings, articles: Sequence[Article], folder: Path) -> Workshop:
    """Returns the workshop for a company's articles, indexed; what they do not say of themselves is read.

    Raises:
        BundleError: nothing was trained yet.
    """
    champion = open_champion(settings.models.bundles)
    workshop = Workshop(settings, champion, complete_articles(articles, champion), folder)
    build_index(workshop.articles, champion.encoder, workshop.index)
    return workshop


def complete_articles(articles: Sequence[Article], champion: Bundle) -> list[Article]:
    """Returns `articles` with the language that is read from the text, and the category that the champion reads."""
    texts = [f"{article.title}\n{article.body}"[:READ_CHARACTERS] for article in articles]
    guesses = LanguageReader().read(texts)
    languages = [
        article.language or (Language.EN if guess.language == UNDETERMINED else guess.language)
        for article, guess in zip(articles, guesses, strict=True)
    ]
    readings = champion.read(texts, languages)
    return [
        replace(article, language=language, category=article.category or reading.category.value)
        for article, language, reading in zip(articles, languages, readings, strict=True)
    ]


def choose_models(workshop: Workshop, found: Survey, cut: Cut, wanted: Models) -> tuple[Models, str]:
    """Returns which models to judge with, and why."""
    if wanted is not Models.AUTO:
        return wanted, "as asked for with --models"
    own = {article.id for article in workshop.articles}
    known = {article for article in workshop.champion.scorer.topic_articles.by_topic.values() if article}
    if own <= known:
        return Models.CHAMPION, "the champion was trained for these articles"
    labels = _best_labels(found)
    if int((cut.earlier & (labels != UNLABELLED) & ~found.repeated).sum()) >= LEAST_ROWS:
        return (
            Models.TRAINED,
            "the champion does not know these articles; the earlier tickets say which one solved them",
        )
    return (
        Models.SEARCH_ONLY,
        (
            f"the champion does not know these articles, and fewer than {LEAST_ROWS} earlier tickets say which one "
            "solved them"
        ),
    )


def prepare(
    workshop: Workshop, history: History, found: Survey, cut: Cut, choice: tuple[Models, str]
) -> Prepared:
    """Returns the models of `choice`, ready to judge.

    Raises:
        TrainingError: the labelled tickets do not suffice to learn from.
    """
    kind, why = choice
    settings = workshop.settings
    if kind is Models.CHAMPION:
        folder = settings.models.bundles / champion_version(settings.models.bundles)
        recipe = DeskRecipe(settings, folder, workshop.index)
        return Prepared(recipe, workshop.champion, kind, why, measure_everything(found))
    if kind is Models.SEARCH_ONLY:
        bundle = fit_search_only(workshop.champion, workshop.folder / "shipped", resolution_config(settings))
        folder = workshop.folder / "bundle"
        bundle = replace(bundle, version=save_bundle(bundle, folder))
        recipe = DeskRecipe(settings, folder, workshop.index)
        return Prepared(recipe, bundle, kind, why, measure_everything(found))
    return _train(workshop, history, found, cut, why)


def resolution_config(settings: Settings) -> ResolutionConfig:
    """Returns how a scorer is fitted under `settings`."""
    from models.thresholds import Bound

    promise = settings.gate.guarantee
    return ResolutionConfig(
        bound=Bound(promise.wrong_share, promise.confidence), candidates=settings.index.candidates
    )


def _best_labels(found: Survey) -> np.ndarray:
    """Returns the article of each ticket as the export says, or where it says nothing at all, as replies name it."""
    return found.truth if (found.truth >= 0).any() else found.mentioned


def _train(workshop: Workshop, history: History, found: Survey, cut: Cut, why: str) -> Prepared:
    folder, settings = workshop.folder, workshop.settings
    tickets = list(_labelled_tickets(workshop, history, found, cut))
    learnt = [ticket for ticket in tickets if ticket.split is not Split.TEST]
    if len(learnt) < LEAST_ROWS:
        raise DataError(
            f"{len(learnt)} earlier tickets in the six languages say which article solved them; "
            f"at least {LEAST_ROWS} are needed to learn from"
        )
    _write_corpus(workshop, tickets)
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
    return Prepared(recipe, run.bundle, Models.TRAINED, why, cut, len(learnt), weak)


def _labelled_tickets(
    workshop: Workshop, history: History, found: Survey, cut: Cut
) -> Iterator[LabelledTicket]:
    """Yields the tickets to learn from, older ones to train and newer ones to calibrate, and a few later ones.

    An article with too few tickets, and no article, become one topic of each category that only people handle.
    """
    splits = _assign_splits(found, cut)
    names = ArticleNames.of(workshop.articles)
    labels = _best_labels(found)
    chosen = {number: split for number, split in splits.items() if labels[number] != UNLABELLED}
    counts = Counter(int(labels[number]) for number, split in chosen.items() if split is Split.TRAIN)
    common = {label for label, count in counts.items() if label >= 0 and count >= LEAST_OF_TOPIC}
    rows = [(number, ticket) for number, ticket in enumerate(history.tickets()) if number in chosen]
    readings = workshop.champion.read(
        [ticket.text[:READ_CHARACTERS] for _, ticket in rows], [None] * len(rows)
    )
    categories = {article.id: article.category for article in workshop.articles}
    made: list[LabelledTicket] = []
    for (number, ticket), reading in zip(rows, readings, strict=True):
        if reading.language == UNDETERMINED:
            continue
        label = int(labels[number])
        article = names.ids[label] if label >= 0 else None
        known = article is not None and label in common
        topic = str(article) if known else f"unanswered {reading.category.value}"
        area = categories[str(article)] if known else reading.category.value
        made.append(_ticket(ticket, number, Language(reading.language), chosen[number], topic, area, article))
    trained = Counter(ticket.topic for ticket in made if ticket.split is Split.TRAIN)
    yield from (ticket for ticket in made if trained[ticket.topic] >= LEAST_OF_TOPIC)


def _assign_splits(found: Survey, cut: Cut) -> dict[int, Split]:
    """Returns the split of each labelled ticket that is used; the newest of the earlier part calibrate."""
    usable = (_best_labels(found) != UNLABELLED) & ~found.repeated
    key: Callable[[int], int] = (
        (lambda row: int(found.created[row]))
        if cut.method == "time"
        else (lambda row: int(found.fingerprint[row]))
    )
    earlier = sorted(np.flatnonzero(usable & cut.earlier).tolist(), key=key)[-MOST_ROWS:]
    first = round(len(earlier) * (1 - CALIBRATION_SHARE))
    later = np.flatnonzero(usable & ~cut.earlier & (found.created != NEVER)).tolist()
    later = (later or np.flatnonzero(usable & ~cut.earlier).tolist())[:TEST_ROWS]
    splits = dict.fromkeys(earlier[:first], Split.TRAIN)
    splits |= dict.fromkeys(earlier[first:], Split.CALIBRATION)
    return splits | dict.fromkeys(later, Split.TEST)


def _ticket(
    ticket: PastTicket,
    number: int,
    language: Language,
    split: Split,
    topic: str,
    area: str,
    article: str | None,
) -> LabelledTicket:
    """Returns a ticket as training reads it; its tone is not known and not trained on."""
    name = f"{split}-{number}"
    return LabelledTicket(
        id=name,
        language=language,
        channel=ticket.channel or TicketChannel.EMAIL,
        subject=ticket.subject,
        message=ticket.message,
        category=Category(area),
        topic=topic,
        article_id=article,
        sentiment=Sentiment.NEUTRAL,
        urgent=False,
        split=split,
        source="authored",
        pattern=name,
    )


def _write_corpus(workshop: Workshop, tickets: Sequence[LabelledTicket]) -> None:
    corpus = workshop.folder / "corpus"
    (corpus / "tickets").mkdir(parents=True)
    write_tickets(tickets, corpus / "tickets" / "history.jsonl")
    for number, article in enumerate(workshop.articles):
        path = corpus / "articles" / f"{number}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(render_article(article), encoding="utf-8")
    topics = {ticket.topic: ticket for ticket in tickets}
    tables = [_table(name, ticket) for name, ticket in sorted(topics.items())]
    (corpus / "taxonomy.toml").write_text("\n".join(tables), encoding="utf-8")


def _table(topic: str, ticket: LabelledTicket) -> str:
    lines = [f"[{json.dumps(topic)}]", f'category = "{ticket.category}"', 'group = "own"', 'wish = ""']
    if not topic.startswith("unanswered "):
        lines.append(f"article = {json.dumps(topic)}")
    return "\n".join(lines) + "\n"


def shipped_articles() -> list[Article]:
    """Returns the articles that come with Firstline."""
    return load_articles()
