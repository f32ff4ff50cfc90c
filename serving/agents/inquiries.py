"""Receives customer inquiries: accepts or refuses a message, and says how soon it must be handled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import ClassVar

from data.schema import UNDETERMINED, Category, Channel, Language, Sentiment
from models.reading import Reading
from serving.domain.decision import PriorityScore
from serving.domain.intake import Incoming, Intake
from serving.domain.ticket import Status, Tier
from serving.errors import ChannelDisabledError, IntakeError
from serving.orchestrator.priority import score_priority
from serving.settings.desk import ChannelSettings, IntakeSettings
from serving.settings.policy import PrioritySettings

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")


class ManageCustomerInquiriesCustomerServiceAgent:
    """Takes inquiries in and triages them.

    PCF 7.x: 6.2.2 "Manage customer service problems, requests, and inquiries" (10388).
    """

    id: ClassVar[str] = "6.2.1"

    def __init__(
        self,
        limits: IntakeSettings,
        channels: Mapping[Channel, ChannelSettings],
        priority: PrioritySettings,
    ) -> None:
        self._limits = limits
        self._channels = channels
        self._priority = priority
        self._score_once = cache(self._score)

    def take_in(self, incoming: Incoming, received_at: datetime) -> Intake:
        """Returns the message in the form the desk works with; the original is kept where that differs.

        Raises:
            IntakeError: a field is missing, too long or not one of its values.
            ChannelDisabledError: the channel is switched off.
        """
        limits = self._limits
        if not incoming.customer.id.strip():
            raise IntakeError("customer_id", "customer_id must not be empty")
        if incoming.prior is not None and incoming.prior.status is Status.CLOSED:
            raise IntakeError("ticket_id", f"{incoming.prior.id} is closed; open a new ticket")
        _refuse_longer("message", incoming.message, limits.max_characters)
        _refuse_longer("subject", incoming.subject, limits.max_subject_characters)
        message = normalise(incoming.message)
        if not message:
            raise IntakeError("message", "message must hold some text")
        message = message[: limits.read_characters]
        return Intake(
            customer=incoming.customer,
            channel=self._channel(incoming.channel),
            subject=" ".join(normalise(incoming.subject).split()),
            message=message,
            original=None if message == incoming.message else storable(incoming.message),
            language=_language(incoming.language),
            source_id=incoming.source_id,
            metadata=incoming.metadata,
            received_at=received_at,
            prior=incoming.prior,
        )

    def triage(self, intake: Intake, reading: Reading) -> PriorityScore:
        """Returns how soon the ticket must be handled."""
        facts = (intake.customer.tier, reading.sentiment.value, reading.category.value, reading.is_urgent)
        return self._score_once(*facts)

    def _score(self, tier: Tier, sentiment: str, category: str, urgent: bool) -> PriorityScore:
        """There are only a few hundred combinations; each is worked out once."""
        return score_priority(self._priority, tier, Sentiment(sentiment), Category(category), urgent)

    def _channel(self, name: str) -> Channel:
        try:
            channel = Channel(name)
        except ValueError:
            raise IntakeError("channel", f"unknown channel {name!r}; known: {', '.join(Channel)}") from None
        if not self._channels[channel].enabled:
            raise ChannelDisabledError("channel", f"the channel {channel} is switched off")
        return channel


def normalise(text: str) -> str:
    """Returns `text` without control characters and lone surrogates, with plain line ends, trimmed."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _encodable(CONTROL.sub("", unified)).strip()


def storable(text: str) -> str:
    """Returns `text` as databases take it: NULs and lone surrogates become U+FFFD."""
    return _encodable(text.replace("\x00", "\ufffd"))


def _encodable(text: str) -> str:
    """Returns `text` with lone surrogates replaced; they cannot be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return text


def _refuse_longer(field: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise IntakeError(field, f"{field} has {len(text):,} characters; at most {limit:,} are taken")


def _language(given: str | None) -> str | None:
    if given is None or given == UNDETERMINED:
        return None
    if given not in set(Language):
        raise IntakeError("language", f"unknown language {given!r}; known: {', '.join(Language)}")
    return given
