"""``firstline registry``: trained versions, which of them is served, and how that came about."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from training.commands.evaluate.options import ReportOption, print_report
from training.commands.options import (
    ConfigOption,
    GatesOption,
    JsonOption,
    console,
    open_registry,
    open_settings,
    var_folder,
)

if TYPE_CHECKING:
    from models.history import Record
    from training.promotion import Promotion

app = typer.Typer(help="List trained versions and choose the one that is served.", no_args_is_help=True)
VERSION_HELP = "Number, alias or bundle of a registered version."
VersionArgument = Annotated[str, typer.Argument(help=VERSION_HELP, show_default=False)]
TicketsOption = Annotated[
    Path | None,
    typer.Option(
        "--tickets",
        help="Labelled tickets whose test split decides; default: those the version was trained on.",
        show_default=False,
    ),
]
ActorOption = Annotated[
    str | None, typer.Option("--actor", help="Who does it; default: the user.", show_default=False)
]


@app.command("list")
def list_registered(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show the registered versions, newest first."""
    from models.champion import champion_version
    from models.errors import BundleError
    from training.registry import list_versions

    settings = open_settings(config)
    try:
        served = champion_version(settings.models.bundles)
    except BundleError:
        served = ""
    rows = list_versions(open_registry(settings))
    if as_json:
        plain = [
            {
                "version": row.version,
                "bundle": row.bundle,
                "aliases": row.aliases,
                "created": _moment(row.created_ms),
                "served": row.bundle == served,
            }
            for row in rows
        ]
        typer.echo(json.dumps(plain))
        return
    table = Table("version", "bundle", "aliases", "created (UTC)", "served")
    for row in rows:
        mark = "yes" if row.bundle == served else ""
        table.add_row(row.version, row.bundle, ", ".join(row.aliases), _moment(row.created_ms), mark)
    console.print(table)


@app.command("compare")
def compare(
    first: VersionArgument,
    second: VersionArgument,
    config: ConfigOption = None,
    gates: GatesOption = None,
    tickets: TicketsOption = None,
    report: ReportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show two versions side by side on the test tickets: figures with intervals, decisions, gates."""
    from evaluation.comparison_report import report_contest
    from evaluation.gates import load_gates
    from evaluation.pages.shadow import shadow_section, shadow_sentence
    from training.compare import compare_versions
    from training.errors import TrainingError
    from training.shadow import read_shadow

    asked = load_gates(gates)
    settings = open_settings(config)
    contest = compare_versions(open_registry(settings), (first, second), settings, asked, tickets)
    if contest.champion is None or contest.challenger is None:
        raise TrainingError(contest.note or "; ".join(contest.reasons))
    command = f"firstline registry compare {first} {second}"
    made = report_contest(contest, contest.champion, contest.challenger, command)
    live = read_shadow(contest.champion.bundle, contest.challenger.bundle, settings)
    if live is not None:
        made = replace(
            made,
            summary=[*made.summary, shadow_sentence(live)],
            sections=[*made.sections, shadow_section(live)],
        )
    path = report or var_folder(settings) / "reports" / "registry-compare.html"
    figures = {**contest.plain(), "shadow": live.json() if live else None}
    print_report(made, figures, path, as_json=as_json)


@app.command("shadow")
def shadow(
    version: Annotated[str, typer.Argument(help=VERSION_HELP)] = "challenger",
    config: ConfigOption = None,
    stop: Annotated[bool, typer.Option("--stop", help="End the shadow mode.")] = False,
) -> None:
    """Let a version read live tickets beside the champion without acting; 'compare' shows what it found.

    A running service begins, and with --stop ends, within seconds.
    """
    from models.challenger import dismiss
    from training.shadow import start_shadow

    settings = open_settings(config)
    if stop:
        ended = dismiss(settings.models.bundles)
        console.print("the shadow mode has ended" if ended else "there was no challenger")
        return
    found = start_shadow(open_registry(settings), version, settings)
    console.print(f"version {found.version} (bundle {found.bundle}) reads live tickets beside the champion")


@app.command("promote")
def promote(
    version: VersionArgument,
    config: ConfigOption = None,
    gates: GatesOption = None,
    tickets: TicketsOption = None,
    force: Annotated[
        str | None,
        typer.Option("--force", help="Promote whatever the gates say, for this reason.", show_default=False),
    ] = None,
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve a registered version if it passes the gates; a running service takes it over without a restart.

    Exit code 1: the gates refuse it; the reasons are printed, one a line, and the champion goes on.
    """
    from evaluation.gates import load_gates
    from models.history import current_actor
    from training.promotion import Candidacy
    from training.promotion import promote as make_champion

    if force is not None and not force.strip():
        raise typer.BadParameter("needs a reason", param_hint="--force")
    settings = open_settings(config)
    candidacy = Candidacy(version, actor or current_actor(), load_gates(gates), tickets, force=force)
    done = make_champion(open_registry(settings), candidacy, settings)
    if as_json:
        typer.echo(json.dumps(done.plain(), ensure_ascii=False, allow_nan=False))
    else:
        print_promotion(done)
    if not done.promoted:
        raise typer.Exit(1)


@app.command("rollback")
def roll_back(
    config: ConfigOption = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--to", help="Another bundle that is kept; default: the one before.", show_default=False
        ),
    ] = None,
    reason: Annotated[str, typer.Option("--why", help="Kept in the history.", show_default=False)] = "",
    actor: ActorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve the bundle that was served before; no gate is asked, and the registry may be away."""
    from models.history import current_actor
    from training.promotion import roll_back as go_back
    from training.promotion import tell_registry_of_roll_back

    settings = open_settings(config)
    record = go_back(settings, actor or current_actor(), reason, target)
    tell_registry_of_roll_back(settings.models.tracking_uri, record)
    if as_json:
        typer.echo(json.dumps(record.plain(), ensure_ascii=False))
        return
    console.print(f"bundle {record.change.after} is served again instead of {record.change.before}")


@app.command("history")
def show_history(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show every promotion, refusal and roll-back, oldest first. Exit code 1: a record was changed or removed."""
    from models.history import read_history

    history = read_history(open_settings(config).models.bundles)
    if as_json:
        found = {"records": [record.plain() for record in history.records], "problem": history.problem}
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        for record in history.records:
            _print_record(record)
    if history.problem:
        typer.echo(history.problem, err=True)
        raise typer.Exit(1)


def print_promotion(done: Promotion) -> None:
    """Prints what became of a candidacy; refusals go to standard error, one reason a line."""
    contest, bundle = done.contest, done.version.bundle
    for reason in contest.reasons:
        typer.echo(f"refused: {reason}" if not done.promoted else f"in spite of: {reason}", err=True)
    if contest.note:
        console.print(contest.note, highlight=False)
    if done.promoted:
        console.print(f"version {done.version.version} (bundle {bundle}) is the champion")
    else:
        served = done.record.change.before
        console.print(
            f"version {done.version.version} (bundle {bundle}) stays challenger; served: {served or 'none'}"
        )


def _print_record(record: Record) -> None:
    """Prints a line, and below it why."""
    change = record.change
    when, who = record.at[:16].replace("T", " "), f"{change.actor}@{record.host}"
    switch = f"{change.before or 'nothing'} → {change.after or 'nothing'}"
    typer.echo(f"{record.number:>4}  {when} UTC  {change.action:<8}  {switch}  {who}")
    forced = f"forced: {change.forced}" if change.forced else ""
    refusals = [f"refused: {verdict['sentence']}" for verdict in change.gates if not verdict["passed"]]
    for remark in filter(None, [forced, change.note, *refusals]):
        typer.echo(f"      {remark}")


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
