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
from data.schema import LabelledTicket, Language, Sentiment, Split
from data.tone import TonePhrase

AUGMENTED = "augmented"
ALSO_AN_ORDER = 0.3
"""Share of the variants that mention an order number besides their own change."""
EASTERN = frozenset({Language.JA, Language.ZH})
QWERTY = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
KEYBOARDS = {
    Language.EN: QWERTY,
    Language.ES: ("qwertyuiop", "asdfghjklñ", "zxcvbnm"),
    Language.FR: ("azertyuiop", "qsdfghjklm", "wxcvbn"),
    Language.DE: ("qwertzuiopü", "asdfghjklöä", "yxcvbnm"),
}
GREETINGS: dict[Language, tuple[str, ...]] = {
    Language.EN: (
        "Hi,",
        "Hello team,",
        "Good morning,",
        "Dear support,",
        "Hey there!",
        "Hi all,",
        "Dear Sir or Madam,",
        "Good evening to you,",
    ),
    Language.ES: (
        "Hola,",
        "Buenas tardes:",
        "Estimado equipo:",
        "Buenos días,",
        "¡Hola!",
        "Hola a todos,",
        "Muy señores míos:",
        "Qué tal,",
    ),
    Language.FR: (
        "Bonjour,",
        "Bonsoir,",
        "Madame, Monsieur,",
        "Salut,",
        "Bonjour à vous,",
        "Bonjour à toute l'équipe,",
        "Messieurs, Mesdames,",
        "Chère équipe,",
    ),
    Language.DE: (
        "Hallo,",
        "Guten Tag,",
        "Sehr geehrte Damen und Herren,",
        "Grüezi,",
        "Servus,",
        "Hallo zusammen,",
        "Schönen Tag,",
        "Liebes Team,",
    ),
    Language.JA: (
        "お世話になっております。",
        "こんにちは。",
        "はじめまして。",
        "お疲れさまです。",
        "ご担当者様",
    ),
    Language.ZH: ("您好，", "你好！", "客服您好：", "在吗，", "尊敬的客服：", "大家好，", "亲，", "各位好："),
}
ORDER_SENTENCES: dict[Language, tuple[str, ...]] = {
    Language.EN: (
        "Order no. {}.",
        "My order: {}",
        "order number {}",
        "This is about order {}.",
        "Ref {}",
        "Order {} btw.",
    ),
    Language.ES: (
        "Pedido n.º {}.",
        "Mi pedido: {}",
        "número de orden {}",
        "Es sobre el pedido {}.",
        "Ref. {}",
        "pedido {}",
    ),
    Language.FR: (
        "Commande n° {}.",
        "Ma commande : {}",
        "numéro de commande {}",
        "C'est pour la commande {}.",
        "Réf. {}",
    ),
    Language.DE: (
        "Bestellung Nr. {}.",
        "Meine Bestellung: {}",
        "Bestellnummer {}",
        "Es geht um Bestellung {}.",
        "Ref. {}",
    ),
    Language.JA: (
        "注文番号 {}",
        "注文番号：{}です",
        "{}の注文の者です。",
        "注文No.{}",
        "受注番号は{}になります。",
    ),
    Language.ZH: ("订单号{}", "订单编号：{}", "单号是{}。", "我的订单{}", "訂單編號{}"),
}
ORDER_SHAPES = ("LM-#####", "#######", "2026-######", "LM#####", "#LM-#####")
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
    if change is not mention_order and source.random() < ALSO_AN_ORDER:
        message = mention_order(message, ticket.language, source)
    subject = "" if source.random() < 0.3 else ticket.subject
    return replace(
        ticket,
        id=f"{ticket.id}~{number}",
        message=message if message.strip() else ticket.message,
        subject=subject,
        source=AUGMENTED,
    )


def add_tone(
    tickets: Sequence[LabelledTicket], phrases: Sequence[TonePhrase], share: float, seed: int = 13
) -> list[TonePhrase]:
    """Returns neutral training tickets with a phrase of another tone added; only their tone is labelled.

    Args:
        tickets: of the training split.
        phrases: to add, each to tickets of its language.
        share: of the neutral tickets that are used.
        seed: same input, same output.
    """
    source = random.Random(seed)
    by_language = {
        language: [p for p in phrases if p.language is language and p.sentiment is not Sentiment.NEUTRAL]
        for language in Language
    }
    composed = []
    for ticket in tickets:
        choices = by_language[ticket.language]
        if ticket.sentiment is Sentiment.NEUTRAL and choices and source.random() < share:
            phrase = source.choice(choices)
            joiner = "" if ticket.language in EASTERN else " "
            parts = [ticket.text, phrase.text] if source.random() < 0.7 else [phrase.text, ticket.text]
            urgent = ticket.urgent or phrase.urgent
            composed.append(TonePhrase(ticket.language, joiner.join(parts), phrase.sentiment, urgent))
    return composed


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


def mention_order(text: str, language: Language, source: random.Random) -> str:
    """Returns `text` with an order number before or behind it, which says nothing about the request."""
    shape = source.choice(ORDER_SHAPES)
    number = "".join(
        source.choice("0123456789") if mark == "#" else mark for mark in shape.removeprefix("#LM")
    )
    sentence = source.choice(ORDER_SENTENCES[language]).format(number)
    return f"{sentence}\n{text}" if source.random() < 0.3 else f"{text}\n{sentence}"


CHANGES: tuple[Callable[[str, Language, random.Random], str], ...] = (
    add_typos,
    strip_accents,
    change_case,
    wrap_mail,
    change_style,
    mention_order,
)


def _neighbours(language: Language) -> dict[str, str]:
    rows = KEYBOARDS.get(language, QWERTY)
    near: dict[str, str] = {}
    for row in rows:
        for position, key in enumerate(row):
            near[key] = row[max(0, position - 1) : position] + row[position + 1 : position + 2]
    return near
