"""Whether a ticket may be answered automatically.

Everything that stands against an answer is collected, so that the explanation is complete; an answer needs
that nothing does and that the models are sure enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from data.schema import UNDETERMINED, Channel, Sentiment
from models.resolution import Verdict
from serving.domain.decision import GateResult, Reason, ReasonCode
from serving.domain.phrases import Phrases, Words
from serving.domain.ticket import Priority, Status
from serving.settings.desk import ChannelSettings
from serving.settings.policy import GateSettings

WITH_PEOPLE = (Status.ESCALATED, Status.ASSIGNED, Status.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class GateCase:
    """What the gate looks at.

    Attributes:
        words: of the whole text.
        prior_status: of the ticket that the message continues, None for a new one.
        attempts: automatic answers that the ticket had so far.
        article_success: success rate of the verdict's article, None without an outcome.
        article_exists: whether the index has the verdict's article.
    """

    channel: Channel
    language: str
    words: Words
    topic: str
    sentiment: Sentiment
    priority: Priority
    verdict: Verdict
    prior_status: Status | None = None
    attempts: int = 0
    article_success: float | None = None
    article_exists: bool = True


class Gate:
    """The rules of `gate` in support.yaml, made ready.

    Args:
        policy: the rules.
        channels: whether the desk may answer there.
        topic_articles: the article of each topic, None where only people may handle it.
    """

    def __init__(
        self,
        policy: GateSettings,
        channels: Mapping[Channel, ChannelSettings],
        topic_articles: Mapping[str, str | None],
    ) -> None:
        self._policy = policy
        self._answers = {channel: options.auto_response for channel, options in channels.items()}
        self._human_topics = frozenset(policy.never_topics) | {
            topic for topic, article in topic_articles.items() if article is None
        }
        lists = policy.never_phrases.items()
        self._phrases = Phrases({kind: chain(*by_language.values()) for kind, by_language in lists})

    def examine(self, case: GateCase) -> GateResult:
        """Returns whether the ticket may be answered, with the reasons."""
        threshold = self._threshold(case.verdict)
        against = (*self._of_ticket(case), *self._of_article(case), *_of_models(case.verdict, threshold))
        if against:
            return GateResult(False, threshold, against)
        sentence = (
            f"article {case.verdict.article_id} resolves it with probability "
            f"{case.verdict.probability:.2f}, at least {threshold:.2f} is asked"
        )
        return GateResult(True, threshold, (Reason(ReasonCode.SURE_ENOUGH, sentence),))

    def _threshold(self, verdict: Verdict) -> float | None:
        if verdict.threshold is not None:
            return verdict.threshold
        fallback = self._policy.fallback_threshold
        return None if fallback == "never" else fallback

    def _of_ticket(self, case: GateCase) -> Iterator[Reason]:
        policy = self._policy
        if case.priority in policy.never_priorities:
            yield Reason(ReasonCode.CRITICAL_PRIORITY, f"tickets of {case.priority} priority go to a person")
        if case.sentiment in policy.never_sentiments:
            feeling = case.sentiment.replace("_", " ")
            yield Reason(ReasonCode.VERY_NEGATIVE_SENTIMENT, f"a {feeling} customer gets a person")
        if case.prior_status in WITH_PEOPLE:
            yield Reason(ReasonCode.ALREADY_ESCALATED, f"the ticket is {case.prior_status}: a person has it")
        for kind, phrase in self._phrases.find(case.words).items():
            matter = kind.replace("_", " ")
            yield Reason(
                ReasonCode.NEVER_PHRASE, f"the message says {phrase!r} ({matter}): only for a person"
            )
        if case.topic in self._human_topics:
            yield Reason(ReasonCode.HUMAN_TOPIC, f"only a person may handle the topic {case.topic}")
        if case.language == UNDETERMINED:
            yield Reason(ReasonCode.UNDETERMINED_LANGUAGE, "the language is none of the six")
        if not self._answers[case.channel]:
            yield Reason(
                ReasonCode.CHANNEL_WITHOUT_ANSWERS, f"nothing is sent automatically over {case.channel}"
            )
        if case.attempts >= policy.max_attempts:
            used = f"{case.attempts} of {policy.max_attempts} automatic attempts are used up"
            yield Reason(ReasonCode.ATTEMPTS_USED_UP, used)

    def _of_article(self, case: GateCase) -> Iterator[Reason]:
        article_id = case.verdict.article_id
        if article_id is None:
            yield Reason(ReasonCode.NO_ARTICLE, "the knowledge base has no article for it")
            return
        if not case.article_exists:
            yield Reason(ReasonCode.NO_ARTICLE, f"article {article_id} is not in the index in that language")
        if article_id in self._policy.never_articles:
            yield Reason(ReasonCode.NEVER_ARTICLE, f"article {article_id} is never used automatically")
        success = self._policy.article_success
        rate = success.start if case.article_success is None else case.article_success
        if rate < success.least:
            yield Reason(
                ReasonCode.ARTICLE_UNSUCCESSFUL,
                f"article {article_id} helped in {rate:.0%} of its cases, {success.least:.0%} is asked",
            )


def _of_models(verdict: Verdict, threshold: float | None) -> Iterator[Reason]:
    if verdict.article_id is None:
        return
    if threshold is None:
        yield Reason(
            ReasonCode.THRESHOLD_NEVER, "the data cannot support automatic answers in this category yet"
        )
    elif not verdict.probability >= threshold:
        yield Reason(
            ReasonCode.BELOW_THRESHOLD,
            f"article {verdict.article_id} resolves it with probability {verdict.probability:.2f}, "
            f"at least {threshold:.2f} is asked",
        )
