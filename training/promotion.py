"""Which bundle is served: promotion through the gates, and roll-back; each with its record.

The order of effects makes a kill at any moment harmless: files first, then the index, then the record, then the
pointer that switches, last the registry's alias. Before the pointer the old bundle is served, after it the new one;
what a dying process left undone is noted by the next.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.schema import Article, LabelledTicket, Split
from data.tickets import TICKETS_DIR, load_tickets
from evaluation.contest import Contest, hold_contest
from evaluation.gates import Gates
from evaluation.trial import Ground
from kb_index.refresh import articles_in_use, encoder_in_use, refresh_index
from models.bundle import Bundle, load_bundle
from models.challenger import challenger_version, dismiss
from models.champion import is_whole, kept_versions, place, point_to, switching
from models.encoder import Encoder
from models.history import Action, Change, Record, append, read_history, reconcile
from training.errors import TrainingError
from training.registry import RegisteredVersion, crown, download_bundle, find_version
from training.tracking import SHIPPED, open_client

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from serving.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Candidacy:
    """What is to be promoted, and how.

    Attributes:
        reference: number, alias or bundle of a registered version.
        actor: who asks.
        tickets: labelled tickets to judge on; None stands for those that the version was trained on.
        articles: the knowledge base; None stands for the one in use.
        force: why it is promoted whatever the gates say; None where they decide.
    """

    reference: str
    actor: str
    gates: Gates
    tickets: Path | None = None
    articles: Sequence[Article] | None = None
    force: str | None = None


@dataclass(frozen=True)
class Promotion:
    """What became of a candidacy."""

    version: RegisteredVersion
    contest: Contest
    record: Record

    @property
    def promoted(self) -> bool:
        """Whether the version is served now."""
        return self.record.change.action is Action.PROMOTE

    def plain(self) -> dict[str, Any]:
        """Returns the decision and everything that was compared, for JSON."""
        return {
            "promoted": self.promoted,
            "version": self.version.version,
            "bundle": self.version.bundle,
            "from": self.record.change.before,
            "forced": self.record.change.forced,
            "record": self.record.number,
            **self.contest.plain(),
        }


def promote(client: MlflowClient, candidacy: Candidacy, settings: Settings) -> Promotion:
    """Makes a registered version the champion if the gates let it, or if it is forced; records either.

    Raises:
        TrainingError: there is no such version, or its files are gone.
        BusyBundlesError: another promotion is running.
    """
    root = settings.models.bundles
    with switching(root):
        served = reconcile(root, candidacy.actor)
        version = find_version(client, candidacy.reference)
        with tempfile.TemporaryDirectory(dir=root, prefix=".download-") as folder:
            bundle = download_bundle(client, version, Path(folder))
            ground = make_ground(settings, version, candidacy.tickets, candidacy.articles)
            contest = hold_contest(bundle, root / served if served else None, ground, candidacy.gates)
            change = _change(candidacy, version, contest, served)
            if change.action is Action.REFUSE:
                return Promotion(version, contest, append(root, change))
            place(bundle, root, version.bundle)
        _switch_index(load_bundle(root / version.bundle).encoder, candidacy.articles, settings)
        record = append(root, change)
        point_to(root, version.bundle)
        if challenger_version(root) == version.bundle:
            dismiss(root)
    _tell_registry(client, version, record)
    return Promotion(version, contest, record)


def roll_back(settings: Settings, actor: str, reason: str = "", target: str | None = None) -> Record:
    """Serves the bundle that was served before, or another one that is kept, and returns the record.

    It needs no registry: files, history and index are all under ``var``.

    Raises:
        TrainingError: nothing was served before, or its files are not kept or not whole.
        BusyBundlesError: a promotion is running.
    """
    root = settings.models.bundles
    with switching(root):
        served = reconcile(root, actor)
        bundle = _open_kept(root, served, target)
        _switch_index(bundle.encoder, None, settings)
        record = append(root, Change(Action.ROLL_BACK, actor, served, bundle.version, note=reason))
        point_to(root, bundle.version)
    return record


def tell_registry_of_roll_back(uri: str, record: Record) -> None:
    """Moves the alias ``champion`` to the version that is served again; says so where the registry is away."""
    try:
        client = open_client(uri)
        version = find_version(client, record.change.after or "")
    except TrainingError as error:
        log.warning("the alias champion stays where it was: %s", error)
        return
    _tell_registry(client, version, record)


def make_ground(
    settings: Settings,
    version: RegisteredVersion,
    tickets: Path | None = None,
    articles: Sequence[Article] | None = None,
) -> Ground:
    """Returns where a version is judged: on the test tickets that it was trained beside, unless others are named.

    Raises:
        DataError: the tickets are not usable.
        TrainingError: none of them is of the test split.
    """
    own = TICKETS_DIR if version.tickets == SHIPPED else Path(version.tickets)
    return Ground(
        settings, load_test_tickets(tickets or own), settings.models.bundles.parent / "trials", articles
    )


def load_test_tickets(source: Path) -> list[LabelledTicket]:
    """Returns the labelled tickets of the test split under `source`.

    Raises:
        DataError: the tickets are not usable.
        TrainingError: none of them is of the test split.
    """
    if not source.exists():
        raise TrainingError(f"there are no tickets at {source}: name others with --tickets")
    found = [ticket for ticket in load_tickets(source) if ticket.split is Split.TEST]
    if not found:
        raise TrainingError(f"{source} has no ticket of the split test: a bundle cannot be judged on it")
    return found


def _change(candidacy: Candidacy, version: RegisteredVersion, contest: Contest, served: str | None) -> Change:
    """Returns what is to be recorded. What cannot be opened cannot be forced either."""
    refused = contest.challenger is None or (contest.reasons and candidacy.force is None)
    return Change(
        action=Action.REFUSE if refused else Action.PROMOTE,
        actor=candidacy.actor,
        before=served,
        after=version.bundle,
        registered=version.version,
        figures=contest.figures(),
        gates=[verdict.plain() for verdict in contest.verdicts],
        forced=candidacy.force if contest.reasons and not refused else None,
        note=contest.note,
    )


def _switch_index(encoder: Encoder, articles: Sequence[Article] | None, settings: Settings) -> None:
    """Makes the index in use one that the encoder made; the version before stays, for what is still served."""
    if articles is None:
        if encoder_in_use(settings.index.root) == encoder.id:
            return
        articles = articles_in_use(settings.index.root)
    refresh_index(articles, encoder, settings.index.root, settings.index.options)


def _tell_registry(client: MlflowClient, version: RegisteredVersion, record: Record) -> None:
    """The switch is done and recorded: that the registry is away must not undo it."""
    change = record.change
    line = (
        f"{record.at} {change.action} by {change.actor}@{record.host}, record {record.number} {record.hash}"
    )
    try:
        crown(client, version, line)
    except TrainingError as error:
        log.warning("%s is served, but the alias champion stays where it was: %s", change.after, error)


def _open_kept(root: Path, served: str | None, target: str | None) -> Bundle:
    """Returns the bundle to go back to, after proving that it can be served."""
    kept = [version for version in kept_versions(root) if version != served and is_whole(root / version)]
    choices = f"kept: {', '.join(kept) or 'none'}; see 'firstline registry history'"
    if target is None:
        line = read_history(root).served()
        if len(line) < 2:
            raise TrainingError(f"no bundle was served before {served or 'any'} under {root}; {choices}")
        target = line[-2]
    if target not in kept:
        raise TrainingError(f"bundle {target} is not kept whole under {root} and cannot be served; {choices}")
    return load_bundle(root / target)
