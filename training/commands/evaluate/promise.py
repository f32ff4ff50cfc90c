"""``firstline evaluate promise``: whether the thresholds keep what they promise."""

from __future__ import annotations

from typing import Annotated

import typer

from data.schema import Split
from training.commands.evaluate.labelled import TaxonomyOption, TicketsOption, read_labelled
from training.commands.evaluate.options import ReportOption, print_report
from training.commands.options import ConfigOption, JsonOption, open_settings, var_folder

DrawsOption = Annotated[
    int, typer.Option("--draws", min=1, max=100_000, help="Labelled sets to draw of each.")
]


def evaluate_promise(
    draws: DrawsOption = 500,
    tickets: TicketsOption = None,
    taxonomy: TaxonomyOption = None,
    as_json: JsonOption = False,
    report: ReportOption = None,
    config: ConfigOption = None,
) -> None:
    """Draw many labelled sets, choose thresholds on each, and count how often their promise holds."""
    from data.taxonomy import TAXONOMY_FILE, load_taxonomy
    from evaluation.judged import divide_judged
    from evaluation.pages.promise import PromiseFigures, promise_json, promise_page
    from evaluation.populations import known_populations
    from evaluation.promise import resample, simulate
    from evaluation.replay import replay
    from models.thresholds import Bound
    from serving.offline import assemble_desk, open_parts

    settings = open_settings(config)
    guarantee = settings.gate.guarantee
    bound = Bound(guarantee.wrong_share, guarantee.confidence)
    labelled, source = read_labelled(tickets, Split.CALIBRATION)
    bundle, index = open_parts(settings)
    topics = load_taxonomy(taxonomy or TAXONOMY_FILE)
    replayed = replay(assemble_desk(settings, bundle, index), labelled, topics)
    figures = PromiseFigures(
        bound=bound,
        simulated={
            population.name: (population, simulate(population, bound, draws))
            for population in known_populations(bound.wrong_share)
        },
        divided=resample(*divide_judged(replayed.rows), bound, draws),
        source=source,
        bundle=replayed.bundle,
        index=replayed.index,
    )
    path = report or var_folder(settings) / "reports" / "promise.html"
    print_report(promise_page(figures), promise_json(figures), path, as_json=as_json)
