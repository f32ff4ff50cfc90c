"""A desk of three topics in three languages: a corpus that trains in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.articles import render_article
from data.schema import Article, Category, Channel, LabelledTicket, Language, Sentiment, Split
from data.tickets import write_tickets
from models.features import FeatureReader, View
from tests.unit.models.tiny import tiny_encoder
from training.heads import HeadsConfig, HeadSpec
from training.pipeline import PipelineConfig
from training.token_view import TokenViewConfig

ARTICLES = {"order_tracking": "KB901", "password_reset": "KB902", "human_agent": None}
CATEGORIES = {
    "order_tracking": Category.SHIPPING,
    "password_reset": Category.ACCOUNT,
    "human_agent": Category.OTHER,
}
WISHES = {
    ("order_tracking", Language.EN): (
        "where is my order",
        "my parcel is not here",
        "track the order",
        "order is late",
    ),
    ("order_tracking", Language.DE): (
        "wo ist meine bestellung",
        "paket ist nicht da",
        "bestellung verfolgen",
    ),
    ("order_tracking", Language.JA): ("注文した商品はどこですか", "商品が届きません", "注文の配送状況"),
    ("password_reset", Language.EN): (
        "i forgot my password",
        "cannot log in",
        "reset the password",
        "password lost",
    ),
    ("password_reset", Language.DE): ("passwort vergessen", "ich kann mich nicht anmelden", "neues passwort"),
    ("password_reset", Language.JA): ("パスワードを忘れました", "ログインできません", "パスワードの再設定"),
    ("human_agent", Language.EN): ("let me talk to a person", "a human please", "agent", "call me"),
    ("human_agent", Language.DE): (
        "ich will mit einem menschen sprechen",
        "mitarbeiter bitte",
        "rufen sie an",
    ),
    ("human_agent", Language.JA): ("担当者と話したい", "人間のスタッフをお願いします", "電話をください"),
}
TONES = {
    Language.EN: ("", "thank you", "this is bad", "hello", "asap now"),
    Language.DE: ("", "danke", "das ist schlecht", "hallo", "sofort jetzt"),
    Language.JA: ("", "ありがとう", "ひどいです", "こんにちは", "至急です"),
}
SENTIMENTS = (Sentiment.NEUTRAL, Sentiment.POSITIVE, Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.NEUTRAL)
COUNTS = {Split.TRAIN: 15, Split.CALIBRATION: 10, Split.TEST: 5}
LANGUAGES = (Language.EN, Language.DE, Language.JA)
SPEC = HeadSpec("topic", View.TOKENS, strengths={View.DENSE: 5.0})
TOKEN_VIEW = TokenViewConfig(epochs=12, batch_size=16, rate=0.02, output_rate=0.05, dropout=0.1, seeds=(13,))
TAXONOMY = """
[order_tracking]
category = "shipping"
group = "order_tracking"
article = "KB901"
wish = "know where the order is"

[password_reset]
category = "account"
group = "password_reset"
article = "KB902"
wish = "get back in"

[human_agent]
category = "other"
group = "other"
wish = "talk to a person"
"""


def toy_tickets() -> list[LabelledTicket]:
    return [
        _ticket(topic, language, split, number)
        for (topic, language) in WISHES
        for split, count in COUNTS.items()
        for number in range(count)
    ]


def _ticket(topic: str, language: Language, split: Split, number: int) -> LabelledTicket:
    wishes, tone = WISHES[topic, language], number % len(SENTIMENTS)
    wish = wishes[number % len(wishes)]
    name = f"{language}-{split}-{topic}-{number}"
    return LabelledTicket(
        id=name,
        language=language,
        channel=tuple(Channel)[number % len(Channel)],
        subject="",
        message=f"{TONES[language][tone]} {wish} {'!' * (number % 3)}".strip(),
        category=CATEGORIES[topic],
        topic=topic,
        article_id=ARTICLES[topic],
        sentiment=SENTIMENTS[tone],
        urgent=tone == 4,
        split=split,
        source="authored",
        pattern=name,
    )


def toy_reader() -> FeatureReader:
    encoder = tiny_encoder()
    return FeatureReader(encoder, encoder)


@dataclass(frozen=True)
class ToyDesk:
    """The toy corpus as files."""

    folder: Path

    def write(self) -> PipelineConfig:
        tiny_encoder().save(self.folder / "encoder")
        (self.folder / "corpus" / "tickets").mkdir(parents=True)
        write_tickets(toy_tickets(), self.folder / "corpus" / "tickets" / "all.jsonl")
        (self.folder / "taxonomy.toml").write_text(TAXONOMY, encoding="utf-8")
        for (topic, language), wishes in WISHES.items():
            if ARTICLES[topic]:
                self._write_article(str(ARTICLES[topic]), topic, language, wishes)
        return self.config()

    def config(self) -> PipelineConfig:
        return PipelineConfig(
            encoder=str(self.folder / "encoder"),
            tickets=self.folder / "corpus" / "tickets",
            articles=self.folder / "corpus" / "articles",
            taxonomy=self.folder / "taxonomy.toml",
            var=self.folder / "var",
            bundles=self.folder / "var" / "bundles",
            scorer_folds=2,
            scorer_epochs=3,
            heads=HeadsConfig(token_views=TOKEN_VIEW, tone_views=TOKEN_VIEW, share_step=0.5),
        )

    def _write_article(self, key: str, topic: str, language: Language, wishes: tuple[str, ...]) -> None:
        article = Article(
            key, topic, CATEGORIES[topic], wishes[0], language, wishes[1:], " ".join(wishes), wishes
        )
        path = self.folder / "corpus" / "articles" / language / f"{key}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_article(article), encoding="utf-8")
