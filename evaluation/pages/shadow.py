"""What shadow mode showed, as a section of the comparison of two bundles."""

from __future__ import annotations

from evaluation.report import Section, Table
from evaluation.shadow import ShadowFigures

EXPLANATION = (
    "Both bundles read the same live tickets; only the first acted. What the second would have answered is a "
    "prediction. Where people corrected a ticket afterwards, their word says who was right."
)


def shadow_section(found: ShadowFigures) -> Section:
    """Returns the section of the figures of live tickets."""
    agreement = Table(
        f"the same on {found.tickets:,} live tickets",
        ("what", "share that agrees"),
        [(name.removesuffix("_id"), interval) for name, interval in found.agreement.items()],
    )
    answers = Table(
        "answers on live tickets",
        ("", "first", "second"),
        [
            ("share answered", found.champion_answered, found.challenger_answered),
            ("answered by this one only", found.only_champion, found.only_challenger),
            (
                "expected share right, by its own probability",
                found.champion_expected_right,
                found.challenger_expected_right,
            ),
            ("predicted gain in the share answered", None, found.predicted_gain),
            ("predicted savings, USD", None, round(found.predicted_savings, 2)),
        ],
    )
    people = Table(
        "against what people said afterwards",
        ("label", "corrected tickets", "first right", "second right"),
        [
            (name.removesuffix("_id"), judged.labels, judged.champion_right, judged.challenger_right)
            for name, judged in found.corrected.items()
        ],
        "Only tickets that somebody corrected: mostly those that the first bundle misread.",
    )
    return Section(
        "Live tickets, in shadow", EXPLANATION, [agreement, answers, people][: 3 if found.corrected else 2]
    )


def shadow_sentence(found: ShadowFigures) -> str:
    """Returns the sentence that a hurried reader reads."""
    gain = found.predicted_gain
    alike = found.agreement["action"].value
    return (
        f"On {found.tickets:,} live tickets both decided the same way in {alike:.1%}; the second "
        f"would have answered {gain.value:+.1%} [{gain.low:+.1%}, {gain.high:+.1%}] of them more than the first."
    )
