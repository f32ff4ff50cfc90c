"""Deterministic augmentation of training tickets: the noise that real channels add.

Labels never change, and a variant keeps its source's ``pattern``, so that splits stay apart.
"""

from __future__ import annotations

import hashlib
import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

from data.errors import DataError
from data.schema import LabelledTicket, Language, Split

AUGMENTED = "augmented"
EASTERN = frozenset({Language.JA, Language.ZH})
QWERTY = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
KEYBOARDS = {
    Language.EN: QWERTY,
    Language.ES: ("qwertyuiop", "asdfghjklñ", "zxcvbnm"),
    Language.FR: ("azertyuiop", "qsdfghjklm", "wxcvbn"),
    Language.DE: ("qwertzuiopü", "asdfghjklöä", "yxcvbnm"),
}
GREETINGS: dict[Language, tuple[str, ...]] = {
    Language.EN: ("Hi,", "Hello team,", "Good morning,", "Dear support,", "Hey there!"),
    Language.ES: ("Hola,", "Buenas tardes:", "Estimado equipo:", "Buenos días,", "¡Hola!"),
    Language.FR: ("Bonjour,", "Bonsoir,", "Madame, Monsieur,", "Salut,", "Bonjour à vous,"),
    Language.DE: ("Hallo,", "Guten Tag,", "Sehr geehrte Damen und Herren,", "Grüezi,", "Servus,"),
    Language.JA: (
        "お世話になっております。",
        "こんにちは。",
        "はじめまして。",
        "お疲れさまです。",
        "ご担当者様",
    ),
    Language.ZH: ("您好，", "你好！", "客服您好：", "在吗，", "尊敬的客服："),
}
SIGNATURES: dict[Language, tuple[str, ...]] = {
    Language.EN: (
        "Thanks, Sam",
        "Best, Jordan P.",
        "Sent from my phone",
        "Cheers",
        "Kind regards\nA. Whitfield",
    ),
    Language.ES: (
        "Gracias, Lucía",
        "Saludos",
        "Enviado desde mi móvil",
        "Un saludo,\nÁlvaro R.",
        "Quedo atento",
    ),
    Language.FR: (
        "Merci, Camille",
        "Cordialement",
        "Envoyé de mon téléphone",
        "Bien à vous\nL. Mercier",
        "Merci d'avance",
    ),
    Language.DE: (
        "Danke, Jana",
        "Viele Grüße",
        "Von unterwegs gesendet",
        "Mit freundlichen Grüßen\nT. Brandner",
        "LG",
    ),
    Language.JA: (
        "よろしくお願いいたします。",
        "佐藤",
        "スマートフォンから送信",
        "以上です。",
        "どうぞよろしくお願いします。\n山本",
    ),
    Language.ZH: ("谢谢", "麻烦了，谢谢！", "此致\n敬礼", "发自我的手机", "盼复，小陈"),
}
FILLERS: dict[Language, tuple[str, ...]] = {
    Language.EN: ("um", "so yeah", "like", "you know", "uh"),
    Language.ES: ("eh", "bueno", "o sea", "pues", "este"),
    Language.FR: ("euh", "bah", "donc voilà", "en fait", "hein"),
    Language.DE: ("ähm", "also", "ja", "halt", "na ja"),
    Language.JA: ("えっと", "あの", "なんか", "まあ", "その"),
    Language.ZH: ("那个", "嗯", "就是", "然后", "呃"),
}  # fmt: skip
PUNCTUATION = re.compile(r"[.,;:!?¿¡\"()。、，！？；：「」“”]")


def augment(tickets: Sequence[LabelledTicket], variants: int, seed: int = 13) -> list[LabelledTicket]:
    """Returns `variants` noisy copies of each training ticket; the same input gives the same output.

    Raises:
        DataError: a ticket is not of the training split, which must not be inflated.
    """
    copies = []
    for ticket in tickets:
        if ticket.split is not Split.TRAIN:
            raise DataError(
                f"{ticket.id} is of the {ticket.split} split: only training tickets are augmented"
            )
        for number in range(1, variants + 1):
            digest = hashlib.sha256(f"{seed}:{ticket.id}:{number}".encode()).digest()
            copies.append(_vary(ticket, number, random.Random(digest)))
    return copies


def _vary(ticket: LabelledTicket, number: int, source: random.Random) -> LabelledTicket:
    change = source.choice(CHANGES)
    message = change(ticket.message, ticket.language, source)
    subject = "" if source.random() < 0.3 else ticket.subject
    return replace(
        ticket,
        id=f"{ticket.id}~{number}",
        message=message if message.strip() else ticket.message,
        subject=subject,
        source=AUGMENTED,
    )


def add_typos(text: str, language: Language, source: random.Random) -> str:
    """Returns `text` with about one slip in thirty characters: a neighbour key, a swap, a loss, a double."""
    neighbours = _neighbours(language)
    out: list[str] = []
    skip = False
    for position, character in enumerate(text):
        if skip:
            skip = False
            continue
        if not character.isalpha() or source.random() > 1 / 30:
            out.append(character)
            continue
        kind = source.randrange(4)
        if kind == 0 and character.lower() in neighbours:
            out.append(source.choice(neighbours[character.lower()]))
        elif kind == 1 and position + 1 < len(text):
            out.extend((text[position + 1], character))
            skip = True
        elif kind == 2:
            out.extend((character, character))
    return "".join(out)


def strip_accents(text: str, language: Language, source: random.Random) -> str:
    """Returns `text` without accents; in Japanese and Chinese without punctuation instead."""
    if language in EASTERN:
        return change_style(text, language, source)
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(character for character in decomposed if unicodedata.category(character) != "Mn")


def change_case(text: str, language: Language, source: random.Random) -> str:
    """Returns `text` in small letters or, rarely, in capitals; full-width marks become half-width in CJK."""
    if language in EASTERN:
        return text.translate(str.maketrans("，。！？：；（）", ",.!?:;()"))
    return text.upper() if source.random() < 0.25 else text.lower()


def wrap_mail(text: str, language: Language, source: random.Random) -> str:
    """Returns `text` between a greeting and a signature."""
    greeting = source.choice(GREETINGS[language])
    signature = source.choice(SIGNATURES[language])
    return f"{greeting}\n{text}\n{signature}"


def change_style(text: str, language: Language, source: random.Random) -> str:
    """Returns `text` as a speech transcript: spaces for punctuation, no capitals, a filler here and there."""
    plain = PUNCTUATION.sub(" ", text).lower()
    words = plain.split()
    for _ in range(1 + len(words) // 15):
        words.insert(source.randrange(len(words) + 1), source.choice(FILLERS[language]))
    return " ".join(words)


CHANGES: tuple[Callable[[str, Language, random.Random], str], ...] = (
    add_typos,
    strip_accents,
    change_case,
    wrap_mail,
    change_style,
)


def _neighbours(language: Language) -> dict[str, str]:
    rows = KEYBOARDS.get(language, QWERTY)
    near: dict[str, str] = {}
    for row in rows:
        for position, key in enumerate(row):
            near[key] = row[max(0, position - 1) : position] + row[position + 1 : position + 2]
    return near
