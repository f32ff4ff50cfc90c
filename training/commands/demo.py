"""``firstline demo``: three customers, then the test split in six languages, beside the brief's claims."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer
from rich.table import Table

from training.commands.options import ConfigOption, JsonOption, console, open_settings

if TYPE_CHECKING:
    from evaluation.replay import Count, ReplayReport
    from serving.domain.outcome import Outcome
    from serving.offline import OfflineDesk
    from serving.settings import Settings

RULE = "=" * 80
LINE = "=" * 60


@dataclass(frozen=True)
class Visitor:
    """One of the three customers whom the demo begins with."""

    name: str
    tier: str
    channel: str
    subject: str
    message: str


VISITORS = (
    Visitor(
        "Alice Johnson",
        "platinum",
        "chat",
        "Cannot access my account",
        "I forgot my password and can't log in any more. How do I reset it?",
    ),
    Visitor(
        "Bob Smith",
        "standard",
        "email",
        "Refund status",
        "Hello, you agreed to refund my order LM-48213 last week. When will I get the money on my card?",
    ),
    Visitor(
        "Carol Davis",
        "enterprise",
        "social_media",
        "Terrible service",
        "Third time I write and every agent tells me something else. This is the worst support I have ever had!",
    ),
)


def demo(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show the desk at work: three customers, then every test ticket in six languages, with measured rates."""
    from data.schema import Split
    from data.taxonomy import load_taxonomy
    from data.tickets import load_tickets
    from evaluation.replay import replay
    from serving.offline import open_offline_desk

    settings = open_settings(config)
    prepare(settings, quiet=as_json)
    opened = open_offline_desk(settings)
    if not as_json:
        show_visitors(opened)
    tickets = [ticket for ticket in load_tickets() if ticket.split is Split.TEST]
    report = replay(opened, tickets, load_taxonomy())
    if as_json:
        typer.echo(json.dumps(report.json()))
    else:
        show_report(report, settings)


def prepare(settings: Settings, *, quiet: bool) -> None:
    """Trains the shipped models where nothing was trained yet."""
    from models.champion import POINTER
    from training.commands.train import pipeline_config, run_pipeline
    from training.pipeline import PARTS

    if (settings.models.bundles / POINTER).exists():
        return
    if quiet:
        console.stderr = True
    console.print("No trained models yet: training them on the shipped tickets, about two minutes.")
    run_pipeline(settings, pipeline_config(settings, PARTS, None, None, None, 13), promote=True)
    console.stderr = False


def show_visitors(opened: OfflineDesk) -> None:
    """Prints what the desk does with the three customers, in the format of the brief."""
    from serving.domain.intake import Incoming
    from serving.domain.ticket import Customer, Tier

    typer.echo(f"{RULE}\nAutonomous Customer Support System Demo\n{RULE}")
    for visitor in VISITORS:
        customer = Customer(id=visitor.name, name=visitor.name, tier=Tier(visitor.tier))
        incoming = Incoming(customer, visitor.channel, visitor.message, visitor.subject)
        outcome = opened.desk.handle([opened.desk.accept(incoming)])[0]
        typer.echo(f"\n{LINE}\nProcessing: {visitor.subject}")
        typer.echo(f"Customer: {visitor.name} ({visitor.tier})\nChannel: {visitor.channel}\n{LINE}\n")
        show_outcome(outcome)


def show_outcome(outcome: Outcome) -> None:
    """Prints one ticket as the brief shows it, and why it went where it went."""
    ticket, decision = outcome.ticket, outcome.decision
    typer.echo(f"✓ Ticket Created: {ticket.id}")
    typer.echo(
        f"  Category: {ticket.category}\n  Priority: {ticket.priority}\n  Sentiment: {ticket.sentiment}"
    )
    typer.echo(f"  Status: {ticket.status}\n  Auto-resolved: {ticket.auto_resolved}")
    typer.echo(f"  SLA Deadline: {ticket.sla.resolution_due:%Y-%m-%d %H:%M:%S} UTC")
    typer.echo("  Satisfaction: not asked yet")
    if decision.route is not None:
        typer.echo(f"  Queue: {decision.route.queue} (rule {decision.route.rule_id})")
    for reason in (*decision.reasons, *(decision.escalation.reasons if decision.escalation else ())):
        typer.echo(f"  Because: {reason.sentence}")
    for message in outcome.messages:
        if message.automatic:
            typer.echo("  Reply:\n" + "\n".join(f"    | {line}" for line in message.text.splitlines()))


def show_report(report: ReplayReport, settings: Settings) -> None:
    """Prints the tables of a replay, and what it costs."""
    from evaluation.claims import GROUP_CLAIMS, OVERALL_CLAIM
    from serving.agents import MeasureEvaluateCustomerServiceOperationsCustomerServiceAgent as Operations

    typer.echo(f"\n{RULE}\nOperations Report: {len(report.rows):,} test tickets in six languages\n{RULE}\n")
    total = report.total()
    groups = {name: (found, GROUP_CLAIMS.get(name)) for name, found in report.by_group().items()}
    console.print(_table("by group of the brief", {**groups, "all": (total, OVERALL_CLAIM)}))
    languages = {name: (found, None) for name, found in report.by_language().items()}
    console.print(_table("by language", languages))
    figures = Operations(settings.costs).evaluate(report.tally())
    resolvable = sum(row.ticket.article_id is not None for row in report.rows)
    typer.echo(
        f"Tickets that an article can resolve: {resolvable} of {total.tickets}; the others are for people."
    )
    if figures.cost_per_ticket is not None:
        target = f"target ${settings.costs.target_ticket:.2f} {'met' if figures.on_cost_target else 'missed'}"
        typer.echo(f"Cost per Ticket: ${figures.cost_per_ticket:.2f} ({target})")
        typer.echo(f"Cost Savings: ${figures.cost_savings:,.2f}")
    typer.echo(
        f"{total.tickets / report.seconds:,.0f} tickets/s; bundle {report.bundle}, index {report.index}\n"
        f"auto: answered by itself; right: the article is the one the ticket's author says resolves it;\n"
        f"people: handed over; claim: the auto-resolution rate that the brief promises.\n{RULE}\nDemo Complete!"
    )


def _table(title: str, rows: Mapping[str, tuple[Count, float | None]]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("", "tickets", "auto", "rate", "right", "people", "claim"):
        table.add_column(column, justify="left" if not column else "right")
    for name, (found, claim) in rows.items():
        precision = "–" if found.precision is None else f"{found.precision:.1%}"
        promised = "–" if claim is None else f"{claim:.0%}"
        rates = (f"{found.rate:.1%}", precision, f"{1 - found.rate:.1%}")
        table.add_row(name, str(found.tickets), str(found.auto_resolved), *rates, promised)
    return table
