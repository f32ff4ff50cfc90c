"""Nothing in the corpus is slot-filled, and no split repeats another."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from data.schema import LabelledTicket
from data.statistics import character_grams, jaccard
from tests.data_quality.overlap import pairs_above, pairwise_overlap

MEAN_WITHIN_SPLIT = 0.15
MOST_WITHIN_SPLIT = 0.5
MOST_ACROSS_SPLITS = 0.35


@dataclass(frozen=True)
class Group:
    """Tickets of one topic and language, and how alike they are."""

    name: str
    tickets: list[LabelledTicket]
    overlaps: NDArray[np.float32]

    @property
    def same_split(self) -> NDArray[np.bool_]:
        splits = np.array([ticket.split.value for ticket in self.tickets])
        return np.equal.outer(splits, splits)

    def split_means(self) -> dict[str, float]:
        splits = np.array([ticket.split.value for ticket in self.tickets])
        means = {}
        for split in np.unique(splits):
            rows = np.flatnonzero(splits == split)
            pairs = self.overlaps[np.ix_(rows, rows)][np.triu_indices(len(rows), 1)]
            if len(pairs):
                means[f"{self.name}, {split}"] = float(pairs.mean())
        return means


@pytest.fixture(scope="module")
def groups(tickets: list[LabelledTicket]) -> list[Group]:
    found: dict[tuple[str, str], list[LabelledTicket]] = defaultdict(list)
    for ticket in tickets:
        found[ticket.language, ticket.topic].append(ticket)
    return [
        Group(f"{language} {topic}", own, pairwise_overlap(own)) for (language, topic), own in found.items()
    ]


def test_pairwise_overlap_some_tickets_equals_the_definition(tickets: list[LabelledTicket]) -> None:
    sample = [*tickets[:4], *tickets[-4:]]
    overlaps = pairwise_overlap(sample)
    for i, j in itertools.combinations(range(len(sample)), 2):
        first, second = (character_grams(sample[k].text, sample[k].language) for k in (i, j))
        assert overlaps[i, j] == pytest.approx(jaccard(first, second))


def test_overlap_within_topic_language_and_split_mean_is_small(groups: list[Group]) -> None:
    means = {name: mean for group in groups for name, mean in group.split_means().items()}
    too_alike = {name: round(mean, 3) for name, mean in means.items() if mean > MEAN_WITHIN_SPLIT}
    assert not too_alike


def test_overlap_within_topic_language_and_split_never_above_half(groups: list[Group]) -> None:
    problems = [
        line
        for group in groups
        for line in pairs_above(group.tickets, group.overlaps, group.same_split, MOST_WITHIN_SPLIT)
    ]
    assert not problems, "\n".join(problems)


def test_overlap_across_splits_never_above_a_third(groups: list[Group]) -> None:
    problems = [
        line
        for group in groups
        for line in pairs_above(group.tickets, group.overlaps, ~group.same_split, MOST_ACROSS_SPLITS)
    ]
    assert not problems, "\n".join(problems)


def test_message_in_two_splits_of_a_language_is_never_the_same(tickets: list[LabelledTicket]) -> None:
    splits: dict[tuple[str, str], set[str]] = defaultdict(set)
    for ticket in tickets:
        splits[ticket.language, " ".join(ticket.message.lower().split())].add(ticket.split)
    assert not [key for key, found in splits.items() if len(found) > 1]
