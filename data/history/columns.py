"""Which column of an export is what: by option, else by its heading, else by what stands in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from data.errors import DataError

LEAST_MESSAGE = 20
"""Characters that a column without a telling heading must hold on average to be taken for the message."""


class Field(StrEnum):
    """What a backtest reads of a ticket.

    Nothing that a ticket gets later (a rating, the time it took) is among it; article and reply serve as labels only.
    The language is read from the message, as the desk does.
    """

    MESSAGE = "message"
    SUBJECT = "subject"
    CHANNEL = "channel"
    CREATED = "created"
    ARTICLE = "article"
    REPLY = "reply"
    TAGS = "tags"
    STATUS = "status"


HEADINGS: Mapping[Field, tuple[str, ...]] = {
    Field.MESSAGE: (
        "message", "description", "body", "text", "content", "customermessage", "firstmessage", "question", "comment",
        "ticketdescription", "issue", "query", "details", "nachricht", "beschreibung", "anfrage", "mensaje",
        "descripcion", "consulta", "texto", "texte", "corps", "demande", "本文", "内容", "問い合わせ内容",
        "お問い合わせ内容", "メッセージ", "説明", "问题描述", "描述", "消息", "留言", "問題描述", "內容",
    ),
    Field.SUBJECT: (
        "subject", "title", "summary", "ticketsubject", "shortdescription", "betreff", "titel", "asunto", "titulo",
        "objet", "sujet", "titre", "件名", "タイトル", "主题", "标题", "主題", "標題",
    ),
    Field.CHANNEL: (
        "channel", "via", "viachannel", "source", "origin", "contacttype", "ticketchannel", "kanal", "canal",
        "チャネル", "渠道", "来源",
    ),
    Field.CREATED: (
        "created", "createdat", "created_at", "date", "datetime", "timestamp", "opened", "openedat", "createddate",
        "receivedat", "received", "datum", "erstellt", "erstelltam", "fecha", "creado", "datedecreation", "creele",
        "作成日時", "作成日", "日時", "日付", "创建时间", "日期", "建立時間",
    ),
    Field.ARTICLE: (
        "article", "articleid", "article_id", "kbid", "kb", "kbarticle", "kbarticleid", "knowledgearticle",
        "knowledgearticleid", "solutionarticle", "artikel", "artikelid", "articulo", "記事", "記事id", "文章", "文章id",
    ),
    Field.REPLY: (
        "reply", "agentreply", "firstreply", "answer", "response", "agentresponse", "resolution", "solution", "antwort",
        "respuesta", "reponse", "返信", "回答", "回复", "回覆", "答复",
    ),
    Field.TAGS: ("tags", "labels", "schlagworte", "etiquetas", "etiquettes", "タグ", "标签"),
    Field.STATUS: ("status", "state", "estado", "statut", "ステータス", "状态"),
}  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """The columns that are read.

    Attributes:
        names: the heading of each field that was found.
        guessed: the fields nobody named.
    """

    names: Mapping[Field, str]
    guessed: frozenset[Field]

    def text(self, row: Mapping[str, Any], field: Field) -> str:
        """Returns what stands in a row under a field, empty where nothing does."""
        name = self.names.get(field)
        value = None if name is None else row.get(name)
        if value is None:
            return ""
        if isinstance(value, list):
            return " ".join(str(item) for item in value if isinstance(item, str | int))
        return str(value) if isinstance(value, str | int | float) else ""


def parse_columns(given: Iterable[str]) -> dict[Field, str]:
    """Returns the columns of ``field=heading`` options.

    Raises:
        DataError: an option is not of that form, or its field is not known.
    """
    named = {}
    for option in given:
        field, found, heading = option.partition("=")
        if not found or field.strip() not in set(Field) or not heading.strip():
            raise DataError(f"--column {option!r} is not FIELD=HEADING; the fields are {', '.join(Field)}")
        named[Field(field.strip())] = heading.strip()
    return named


def choose_columns(sample: Sequence[Mapping[str, Any]], named: Mapping[Field, str], where: str) -> Columns:
    """Returns the columns of a file that begins with the rows of `sample`.

    Raises:
        DataError: a named column is not there, or no column can be the message.
    """
    headings = list(dict.fromkeys(heading for row in sample for heading in row))
    for field, heading in named.items():
        if heading not in headings:
            raise DataError(f"{where}: no column {heading!r} for {field}; there are {', '.join(headings)}")
    names = dict(named)
    for field, known in HEADINGS.items():
        free = {_fold(heading): heading for heading in reversed(headings) if heading not in names.values()}
        found = next((free[name] for name in map(_fold, known) if name in free), None)
        if field not in names and found is not None:
            names[field] = found
    if Field.MESSAGE not in names:
        names[Field.MESSAGE] = _longest(sample, headings, names, where)
    return Columns(names, frozenset(names) - frozenset(named))


def _longest(
    sample: Sequence[Mapping[str, Any]], headings: Sequence[str], names: dict[Field, str], where: str
) -> str:
    """Returns the column with the longest texts; the subject stands in where there is no other."""
    free = [heading for heading in headings if heading not in names.values()]
    lengths = {
        heading: sum(len(value) for row in sample if isinstance(value := row.get(heading), str)) / len(sample)
        for heading in free
    }
    best = max(lengths, key=lambda heading: lengths[heading], default="")
    if best and lengths[best] >= LEAST_MESSAGE:
        return best
    if Field.SUBJECT in names:
        return names.pop(Field.SUBJECT)
    raise DataError(
        f"{where}: no column holds what customers wrote; name it with --column message=HEADING "
        f"(there are {', '.join(headings) or 'none'})"
    )


def _fold(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", heading).casefold()
    return unicodedata.normalize("NFKC", "".join(c for c in plain if c.isalnum()))
