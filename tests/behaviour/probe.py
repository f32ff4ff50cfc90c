"""Asks the trained desk about texts, as a customer of the standard tier on the chat."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.schema import Channel, LabelledTicket, Language
from models.bundle import Bundle
from models.features import FeatureReader
from models.reading import Reading
from serving.domain.decision import Action
from serving.domain.intake import Incoming
from serving.domain.outcome import Explanation, Outcome
from serving.domain.ticket import Customer
from serving.orchestrator.desk import Desk

SAMPLE = 60
LEVELS = {"very_positive": 2.0, "positive": 1.0, "neutral": 0.0, "negative": -1.0, "very_negative": -2.0}


@dataclass(frozen=True)
class Probe:
    """The trained desk and its models."""

    desk: Desk
    bundle: Bundle

    def handle(self, texts: Sequence[str]) -> list[Outcome]:
        """Returns what the desk does with each text."""
        customer = Customer(id="CUST-001")
        incoming = [Incoming(customer, Channel.CHAT, text) for text in texts]
        return self.desk.handle([self.desk.accept(message) for message in incoming])

    def explain(self, texts: Sequence[str]) -> list[Explanation]:
        """Returns why the desk does it."""
        return [outcome.explanation for outcome in self.handle(texts)]

    def answered(self, texts: Sequence[str]) -> list[str]:
        """Returns those of the texts that get an automatic answer."""
        outcomes = self.handle(texts)
        return [text for text, outcome in zip(texts, outcomes, strict=True) if is_answered(outcome)]

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Returns what the models read in each text."""
        return self.bundle.read(texts, [None] * len(texts))

    def mood(self, texts: Sequence[str]) -> np.ndarray:
        """Returns the expected sentiment of each text, from -2 (very negative) to 2 (very positive)."""
        head = self.bundle.heads["sentiment"]
        features = FeatureReader(self.bundle.encoder, self.bundle.vocabulary).read(texts)
        return np.asarray(np.exp(head.log_probabilities(features)) @ [LEVELS[label] for label in head.labels])

    def pressure(self, texts: Sequence[str]) -> np.ndarray:
        """Returns the probability that each text is urgent."""
        return np.array([reading.urgent.probability for reading in self.read(texts)])


def is_answered(outcome: Outcome) -> bool:
    """Whether nobody looked at the ticket."""
    return outcome.decision.action is Action.AUTO_RESOLVE


def sample(tickets: Sequence[LabelledTicket], language: Language) -> list[LabelledTicket]:
    """Returns some tickets of a language that say enough to be changed a little."""
    own = [ticket for ticket in tickets if ticket.language is language and len(ticket.message) >= 12]
    return sorted(own, key=lambda ticket: hashlib.sha256(ticket.id.encode()).digest())[:SAMPLE]
