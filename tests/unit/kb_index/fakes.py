"""A tiny deterministic encoder, a clock, and articles in five languages."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from data.schema import Article
from models.encoder import TextKind, unit_rows


@dataclass
class HashEncoder:
    """Counts hashed character trigrams; remembers what it was asked to embed."""

    id: str = "hash@1"
    dim: int = 32
    seen: list[str] = field(default_factory=list)

    def encode(self, texts: Sequence[str], kind: TextKind = TextKind.QUERY) -> NDArray[np.float32]:
        self.seen.extend(texts)
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for start in range(len(text) - 2):
                row[zlib.crc32(text[start : start + 3].lower().encode()) % self.dim] += 1
        return unit_rows(rows)


class LongEncoder(HashEncoder):
    """Breaks the promise of unit rows."""

    def encode(self, texts: Sequence[str], kind: TextKind = TextKind.QUERY) -> NDArray[np.float32]:
        return super().encode(texts, kind) * 2


@dataclass
class ManualClock:
    """Stands still until it is moved."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def make_article(
    article_id: str,
    language: str,
    title: str,
    body: str,
    keywords: Sequence[str] = (),
    steps: Sequence[str] = (),
) -> Article:
    return Article(
        id=article_id,
        topic="topic",
        category="account" if article_id == "KB001" else "shipping",
        title=title,
        language=language,
        steps=tuple(steps),
        body=body,
        keywords=tuple(keywords),
    )


ARTICLES = (
    make_article(
        "KB001",
        "en",
        "Reset your password",
        "Use this when you have forgotten the password of your account.\n\n"
        "## If that does not help\nWrite to us.",
        ["forgotten password", "log in"],
        ["Open the sign-in page.", "Choose Forgot password."],
    ),
    make_article(
        "KB001",
        "de",
        "Passwort zurücksetzen",
        "So setzen Sie das Passwort Ihres Kontos zurück.",
        ["Kennwort vergessen"],
        ["Öffnen Sie die Anmeldeseite."],
    ),
    make_article(
        "KB001",
        "ja",
        "パスワードの再設定",
        "パスワードを忘れたときの手順です。",
        ["ログインできない"],
        ["ログイン画面を開きます。"],
    ),
    make_article("KB001", "zh", "重置密码", "忘记密码时请按以下步骤操作。", ["无法登录"], ["打开登录页面。"]),
    make_article(
        "KB002",
        "en",
        "Track your parcel",
        "See where your order is now.",
        ["tracking number"],
        ["Open Orders."],
    ),
    make_article(
        "KB002", "es", "Seguir el envío", "Consulte dónde está su pedido.", ["número de seguimiento"]
    ),
    make_article(
        "KB003", "de", "Rückerstattung", "Wann das Geld wieder auf Ihrem Konto ist.", ["Geld zurück"]
    ),
)
