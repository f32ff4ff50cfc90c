"""The page of ``firstline evaluate gaps``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.schema import Article, Language, join_text
from evaluation.figures import excerpt, plain
from evaluation.gaps import Advice, GapCluster, Inbox
from evaluation.plots import plot_stacked, to_png
from evaluation.report import Cell, Plot, Report, Section, Table
from evaluation.ticket_file import FileTicket

SHOWN = 20
LABEL_WORDS = 4


@dataclass(frozen=True, eq=False)
class GapFigures:
    """What came in, and the groups of what was not answered for want of an article.

    Attributes:
        all_tickets: those that shares are of; more than the inbox where answered ones were not read.
        purity: as `evaluation.gaps.measure_purity` returns it.
        articles: of the index, by id and language.
        saving: USD that an automatic answer saves a ticket.
        source: the tickets, in words.
    """

    inbox: Inbox
    clusters: Sequence[GapCluster]
    all_tickets: int
    purity: Mapping[str, Mapping[str, float]]
    articles: Mapping[tuple[str, str], Article]
    saving: float
    source: str
    bundle: str
    index: str

    @property
    def grouped(self) -> int:
        """How many tickets are in a group."""
        return sum(len(cluster.tickets) for cluster in self.clusters)

    def share(self, tickets: int) -> float:
        """Returns the share of all tickets that came in."""
        return tickets / max(1, self.all_tickets)

    def worth(self, cluster: GapCluster) -> float:
        """Returns the USD that answering all tickets of a group would save, for every 1,000 that come in."""
        return 1000 * self.share(len(cluster.tickets)) * self.saving

    def title(self, article_id: str | None, language: str = "en") -> str:
        """Returns an article's id and title, in the language where there is such a version."""
        if article_id is None:
            return "none"
        versions = {lang: article for (found, lang), article in self.articles.items() if found == article_id}
        article = versions.get(language) or next(iter(versions.values()), None)
        return f"{article_id} {article.title}" if article else article_id


def gaps_json(figures: GapFigures) -> dict[str, Any]:
    """Returns what ``--json`` prints."""
    inbox = figures.inbox
    found: dict[str, Any] = plain(
        {
            "tickets": figures.all_tickets,
            "read": inbox.tickets,
            "answered": inbox.answered,
            "kept_back_by_rules": inbox.kept_back,
            "for_want_of_an_article": len(inbox.gaps),
            "grouped": figures.grouped,
            "clusters": [_cluster_json(figures, cluster) for cluster in figures.clusters],
            "agreement_with_labels": figures.purity,
            "bundle": figures.bundle,
            "index": figures.index,
        }
    )
    return found


def gaps_page(figures: GapFigures) -> Report:
    """Returns the report."""
    shown = figures.clusters[:SHOWN]
    return Report(
        title="What to write next",
        summary=_summary(figures),
        sections=[
            _overview(figures, shown),
            *(_cluster(figures, number, cluster) for number, cluster in enumerate(shown, 1)),
            _method(figures),
        ],
        provenance={
            "tickets": figures.source,
            "bundle": figures.bundle,
            "index": figures.index,
            "command": "firstline evaluate gaps",
        },
    )


def label(cluster: GapCluster) -> str:
    """Returns the words by which a group is told from the others, in English or its most frequent language."""
    language = Language.EN if Language.EN in cluster.words else next(iter(cluster.words), None)
    return ", ".join(cluster.words[language][:LABEL_WORDS]) if language else "no word in common"


def _summary(figures: GapFigures) -> list[str]:
    inbox = figures.inbox
    gaps = len(inbox.gaps)
    wanting = (
        f"Of {figures.all_tickets:,} tickets, {gaps:,} ({figures.share(gaps):.1%}) are not answered for want of a "
        f"proven article; {inbox.kept_back:,} more go to people by rule, whatever is written."
    )
    sentences = [wanting]
    if not figures.clusters:
        return [*sentences, "No matter comes up often enough to write an article about."]
    largest = figures.clusters[0]
    sentences.append(
        f"{figures.grouped:,} of them fall into {len(figures.clusters)} groups. The largest has "
        f"{len(largest.tickets):,} tickets in {len(largest.languages)} languages: {label(largest)}."
    )
    write = [cluster for cluster in figures.clusters if cluster.advice is Advice.WRITE]
    worth = sum(map(figures.worth, write))
    sentences.append(
        f"{len(write)} groups have no article that is likely right. Answering all of them would save at most "
        f"${worth:,.0f} for every 1,000 tickets that come in."
    )
    return sentences


def _overview(figures: GapFigures, shown: Sequence[GapCluster]) -> Section:
    if not shown:
        return Section("Groups", "There are none.")
    rows = [
        (
            f"{number}. {label(cluster)}",
            len(cluster.tickets),
            figures.share(len(cluster.tickets)),
            " ".join(f"{language} {count}" for language, count in cluster.languages.items()),
            figures.title(cluster.article_id),
            cluster.probability,
            f"{figures.worth(cluster):,.0f}",
            cluster.advice,
        )
        for number, cluster in enumerate(shown, 1)
    ]
    columns = (
        "group",
        "tickets",
        "share of all",
        "languages",
        "nearest article",
        "resolves",
        "worth $",
        "advice",
    )
    note = (
        "resolves: mean probability that the best article resolves a ticket. worth: what answering all of them "
        "would save for every 1,000 tickets that come in, by the costs in support.yaml; an upper bound, because not "
        "every ticket of a group can be answered."
    )
    numbers = [str(number) for number in range(1, len(shown[:15]) + 1)]
    plot = plot_stacked(numbers, [cluster.languages for cluster in shown[:15]], "tickets")
    return Section(
        "Groups, the largest first",
        tables=[Table("What is asked and not answered", columns, rows, note)],
        plots=[Plot(to_png(plot), "Tickets of each group by language.")],
    )


def _cluster(figures: GapFigures, number: int, cluster: GapCluster) -> Section:
    words = [(language, " · ".join(found)) for language, found in cluster.words.items()]
    examples = [(gap.language, excerpt(_text(gap.ticket), 220)) for gap in cluster.examples]
    nearest = (
        f"{figures.title(cluster.article_id)} is the best article for {cluster.article_share:.0%} of the "
        f"{len(cluster.tickets):,} tickets and resolves one with a mean probability of {cluster.probability:.2f}: "
        f"{cluster.advice}."
    )
    tables = [Table("For example", ("language", "most typical tickets"), examples, page_only=True)]
    if words:
        tables.append(Table("Words", ("language", "what sets them apart"), words, page_only=True))
    return Section(f"{number}. {label(cluster)}", nearest, tables)


def _method(figures: GapFigures) -> Section:
    text = (
        "Embeddings without what all texts of a language have in common, average linkage by cosine distance; of "
        "more than 4,000 tickets a random part is grouped and the others join the nearest group. Mail addresses, "
        "telephone and card numbers are replaced in the examples; names are not."
    )
    if not figures.purity:
        return Section("How the groups are made", text)
    rows: list[Sequence[Cell]] = [(name, *found.values()) for name, found in figures.purity.items()]
    columns = ("tickets of", *(name.replace("_", " ") for name in next(iter(figures.purity.values()))))
    note = (
        "purity: share of grouped tickets that have the most frequent topic of their group; adjusted rand: "
        "agreement with the topics beyond chance, 1 is complete."
    )
    return Section("How the groups are made", text, [Table("Against the labels", columns, rows, note)])


def _cluster_json(figures: GapFigures, cluster: GapCluster) -> dict[str, Any]:
    size = len(cluster.tickets)
    return {
        "size": size,
        "share_of_tickets": figures.share(size),
        "languages": dict(cluster.languages),
        "words": cluster.words,
        "examples": [
            {"id": gap.ticket.id, "language": gap.language, "text": excerpt(_text(gap.ticket))}
            for gap in cluster.examples
        ],
        "nearest_article": {
            "id": cluster.article_id,
            "title": figures.title(cluster.article_id),
            "share": cluster.article_share,
            "probability": cluster.probability,
        },
        "worth_per_1000_tickets": figures.worth(cluster),
        "advice": cluster.advice,
    }


def _text(ticket: FileTicket) -> str:
    return join_text(ticket.subject, ticket.message)
