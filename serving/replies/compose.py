"""Writing replies: an answer from an article, or the word that a person will answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from data.schema import Article, Channel, Language
from serving.replies.texts import Texts, load_texts
from serving.settings.desk import ChannelSettings, ReplySettings

NAME = re.compile(r"[^\W\d_]+(?:(?:\.? |['’·・-])[^\W\d_]+)*\.?")
MAX_NAME = 60


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a reply goes to.

    Attributes:
        language: of the message; English is used where it is none of the six.
        name: of the customer; left out where it does not look like a name.
    """

    channel: Channel
    language: str
    ticket_id: str
    name: str = ""


class ReplyWriter:
    """Composes the replies of one company."""

    def __init__(self, replies: ReplySettings, channels: Mapping[Channel, ChannelSettings]) -> None:
        self._replies = replies
        self._channels = channels

    def may_write(self, channel: Channel) -> bool:
        """Returns whether automatic messages are sent over `channel`."""
        return self._channels[channel].auto_response

    def compose_reply(self, article: Article, to: Recipient) -> str:
        """Returns an answer: greeting, steps, citation, disclosure, and how to reach a person."""
        texts = load_texts(_language(to.language))
        limit = self._channels[to.channel].max_characters
        if limit is not None:
            return self._short_reply(texts, article, to, limit)
        company, contact = self._replies.company, self._replies.contact
        parts = [
            _greeting(texts, to.name),
            texts.answer.substitute(),
            *_other_language(texts, article, to),
            _steps(article),
            texts.citation.substitute(article_id=article.id, title=article.title),
            texts.answer_disclosure.substitute(company=company),
            texts.person.substitute(contact=contact, ticket_id=to.ticket_id),
            texts.closing.substitute(company=company),
        ]
        return "\n\n".join(parts)

    def compose_acknowledgement(self, to: Recipient, first_response_minutes: float) -> str:
        """Returns the message that a person will answer, and by when."""
        texts = load_texts(_language(to.language))
        company, at_once = self._replies.company, first_response_minutes <= 0
        within = texts.within(first_response_minutes)
        limit = self._channels[to.channel].max_characters
        if limit is not None:
            text = texts.short_acknowledgement.substitute(company=company, ticket_id=to.ticket_id)
            when = texts.short_now.substitute() if at_once else texts.short_within.substitute(within=within)
            both = f"{text}{_gap(to.language)}{when}"
            return both if len(both) <= limit else text[:limit]
        expected = texts.expected_now.substitute() if at_once else texts.expected.substitute(within=within)
        parts = [
            _greeting(texts, to.name),
            f"{texts.acknowledgement.substitute(company=company)}{_gap(to.language)}{expected}",
            texts.reference.substitute(ticket_id=to.ticket_id, contact=self._replies.contact),
            texts.acknowledgement_disclosure.substitute(),
            texts.closing.substitute(company=company),
        ]
        return "\n\n".join(parts)

    def _short_reply(self, texts: Texts, article: Article, to: Recipient, limit: int) -> str:
        """Returns an answer that fits: first the title is cut, then the contact is left to the page."""
        link = f"{(self._channels[to.channel].web_link or '').rstrip('/')}/{article.id}"
        title = article.title
        if article.language != _language(to.language):
            title = f"[{texts.languages[article.language]}] {title}"
        person = texts.short_person.substitute(contact=self._replies.contact)

        def fill(shown: str, tail: str) -> str:
            text = texts.short_answer.substitute(company=self._replies.company, title=shown, link=link)
            return f"{text} {tail}".strip()

        for tail, least in ((person, 20), ("", 0)):
            room = limit - len(fill("", tail))
            if room >= min(least, len(title)):
                return fill(_cut(title, room), tail)
        return link


def _language(code: str) -> Language:
    return Language(code) if code in set(Language) else Language.EN


def _gap(language: str) -> str:
    return "" if language in (Language.JA, Language.ZH) else " "


def _greeting(texts: Texts, name: str) -> str:
    tidy = unicodedata.normalize("NFC", " ".join(name.split()))
    if len(tidy) <= MAX_NAME and NAME.fullmatch(tidy):
        return texts.greeting_named.substitute(name=tidy)
    return texts.greeting.substitute()


def _other_language(texts: Texts, article: Article, to: Recipient) -> list[str]:
    if article.language == _language(to.language):
        return []
    return [texts.other_language.substitute(article_language=texts.languages[article.language])]


def _steps(article: Article) -> str:
    if article.steps:
        return "\n".join(f"{i}. {step}" for i, step in enumerate(article.steps, start=1))
    return "\n".join(article.paragraphs)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(0, room - 1)].rstrip()}…" if room > 0 else ""
