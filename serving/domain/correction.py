"""What a person says a ticket really was, against what the models read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from data.schema import Category, Sentiment
from serving.errors import CorrectionError


@dataclass(frozen=True, slots=True)
class Correction:
    """The labels a person gives; None where the person says nothing.

    Attributes:
        article_id: the article that resolves the ticket.
        no_article: no article resolves it.
        note: why, in the person's words.
    """

    category: Category | None = None
    topic: str | None = None
    sentiment: Sentiment | None = None
    urgent: bool | None = None
    article_id: str | None = None
    no_article: bool = False
    note: str = ""

    @property
    def says_nothing(self) -> bool:
        """Whether no label is given."""
        labels = (self.category, self.topic, self.sentiment, self.urgent, self.article_id)
        return all(label is None for label in labels) and not self.no_article


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a correction may name.

    Attributes:
        topic_articles: the article of each topic, None where people handle it.
        topic_categories: the category of each topic.
        articles: ids of the articles there are.
    """

    topic_articles: Mapping[str, str | None]
    topic_categories: Mapping[str, str]
    articles: Collection[str]

    def complete(self, given: Correction) -> Correction:
        """Returns `given` with what follows from it: a topic has one category and one article.

        Raises:
            CorrectionError: it says nothing, names something unknown, or contradicts itself.
        """
        if given.says_nothing:
            raise CorrectionError("topic", "give at least one of category, topic, sentiment, urgent, article")
        self._check_names(given)
        topic = given.topic or self._topic_of(given)
        if topic is None:
            return given
        category = self.topic_categories.get(topic)
        if given.category is not None and category not in (None, given.category):
            raise CorrectionError(
                "category", f"the topic {topic} belongs to {category}, not {given.category}"
            )
        article = self.topic_articles[topic]
        if given.article_id not in (None, article) or (given.no_article and article is not None):
            said = given.article_id or "no article"
            raise CorrectionError("article_id", f"the article of {topic} is {article or 'none'}, not {said}")
        return replace(
            given,
            topic=topic,
            category=Category(category) if category else given.category,
            article_id=article,
            no_article=article is None,
        )

    def _check_names(self, given: Correction) -> None:
        if given.topic is not None and given.topic not in self.topic_articles:
            known = ", ".join(sorted(self.topic_articles))
            raise CorrectionError("topic", f"unknown topic {given.topic!r}; known: {known}")
        if given.article_id is not None and given.article_id not in self.articles:
            raise CorrectionError("article_id", f"no article has the id {given.article_id!r}")
        if given.article_id is not None and given.no_article:
            raise CorrectionError("no_article", "either an article resolves the ticket, or none does")

    def _topic_of(self, given: Correction) -> str | None:
        """Returns the topic that an article stands for, where it stands for one only."""
        if given.article_id is None:
            return None
        found = [topic for topic, article in self.topic_articles.items() if article == given.article_id]
        return found[0] if len(found) == 1 else None
