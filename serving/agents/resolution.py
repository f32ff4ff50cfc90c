"""Resolves customer issues from the knowledge base: may an article answer, and what the answer says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from data.schema import Article, Channel
from serving.domain.decision import GateResult
from serving.domain.intake import Intake
from serving.orchestrator.gate import Gate, GateCase
from serving.replies.compose import Recipient, ReplyWriter


class ResolveCustomerIssuesCustomerServiceAgent:
    """Answers what an article resolves.

    PCF 7.x: 6.2.2 "Manage customer service problems, requests, and inquiries" (10388), and 6.2.4
    (20094) for returns.
    """

    id: ClassVar[str] = "6.2.3"

    def __init__(self, gate: Gate, writer: ReplyWriter, standings: Mapping[tuple[str, str], float]) -> None:
        self._gate = gate
        self._writer = writer
        self._standings = standings

    def article_success(self, article_id: str | None, language: str | None) -> float | None:
        """Returns the success rate learnt for an article in one language, None without an outcome."""
        if article_id is None or language is None:
            return None
        return self._standings.get((article_id, language))

    def examine(self, case: GateCase) -> GateResult:
        """Returns whether the best article may answer the ticket."""
        return self._gate.examine(case)

    def answer(self, article: Article, intake: Intake, language: str, ticket_id: str) -> str:
        """Returns the reply that gives `article` to the customer."""
        return self._writer.compose_reply(article, _recipient(intake, language, ticket_id))

    def acknowledge(self, intake: Intake, language: str, ticket_id: str, minutes: float) -> str:
        """Returns the message that says a person will answer within `minutes`."""
        return self._writer.compose_acknowledgement(_recipient(intake, language, ticket_id), minutes)

    def may_write(self, channel: Channel) -> bool:
        """Returns whether the desk writes to customers over `channel`."""
        return self._writer.may_write(channel)


def _recipient(intake: Intake, language: str, ticket_id: str) -> Recipient:
    return Recipient(intake.channel, language, ticket_id, intake.customer.name)
