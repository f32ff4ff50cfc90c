"""Sections about taking messages in and writing back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from serving.settings.section import Name, Section, Usd


class IntakeSettings(Section):
    """How much of a message is taken.

    Attributes:
        read_characters: the models read this much, the rest is kept.
        max_characters: a longer message is refused; `max_subject_characters` likewise.
    """

    read_characters: Annotated[int, Field(ge=100)]
    max_characters: Annotated[int, Field(ge=100)]
    max_subject_characters: Annotated[int, Field(ge=1)]


class ChannelSettings(Section):
    """One channel.

    Attributes:
        enabled: whether messages are taken from it.
        auto_response: whether the desk may write to the customer by itself.
        max_characters: of one outgoing message, None for no limit.
        web_link: where the whole answer stands, for channels with a limit; the article id or ticket id is
            appended.
    """

    enabled: bool
    auto_response: bool
    max_characters: Annotated[int, Field(ge=140)] | None = None
    web_link: Annotated[str, Field(max_length=60, pattern=r"^https?://\S+$")] | None = None


class ReplySettings(Section):
    """What every reply names.

    Attributes:
        company: as customers know it.
        contact: where a person can be reached.
    """

    company: Annotated[Name, Field(max_length=40)]
    contact: Annotated[Name, Field(max_length=60)]


class SatisfactionSettings(Section):
    """How a rating from 0 to 10 is read.

    Attributes:
        satisfied_from: the least rating that counts as satisfied (CSAT, and a success for the article).
        promoter_from: the least rating of an NPS promoter; `passive_from` of a passive.
    """

    satisfied_from: Annotated[int, Field(ge=0, le=10)]
    promoter_from: Annotated[int, Field(ge=0, le=10)]
    passive_from: Annotated[int, Field(ge=0, le=10)]


class CostSettings(Section):
    """What a ticket costs, in USD.

    Attributes:
        traditional_ticket: without Firstline, the base of the savings.
        human_ticket: one that Firstline hands to a person.
        automated_ticket: one that Firstline answers.
        target_ticket: the mean cost to aim at.
    """

    traditional_ticket: Usd
    human_ticket: Usd
    automated_ticket: Usd
    target_ticket: Usd
