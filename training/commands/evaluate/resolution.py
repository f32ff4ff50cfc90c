"""``firstline evaluate resolution``: what the desk would answer by itself, and how much of it rightly."""

from __future__ import annotations

from data.schema import Split
from training.commands.evaluate.labelled import SplitOption, TaxonomyOption, TicketsOption, read_labelled
from training.commands.evaluate.options import ReportOption, print_report
from training.commands.options import ConfigOption, JsonOption, open_settings, var_folder


def evaluate_resolution(
    tickets: TicketsOption = None,
    split: SplitOption = Split.TEST,
    taxonomy: TaxonomyOption = None,
    as_json: JsonOption = False,
    report: ReportOption = None,
    config: ConfigOption = None,
) -> None:
    """Replay labelled tickets through the desk: answered, right, at which risk, and how steadily."""
    from data.taxonomy import TAXONOMY_FILE, load_taxonomy
    from evaluation.consistency import measure_consistency, replay_versions
    from evaluation.pages.resolution import ResolutionFigures, resolution_json, resolution_page
    from evaluation.replay import replay
    from evaluation.selective import measure_selection, score_replayed
    from serving.offline import assemble_desk, open_parts

    settings = open_settings(config)
    labelled, source = read_labelled(tickets, split)
    topics = load_taxonomy(taxonomy or TAXONOMY_FILE)
    bundle, index = open_parts(settings)
    opened = assemble_desk(settings, bundle, index)
    replayed = replay(opened, labelled, topics)
    ways = score_replayed(replayed.rows, topics)
    figures = ResolutionFigures(
        replayed=replayed,
        ways=ways,
        selection=measure_selection(ways),
        consistency=measure_consistency(replay_versions(opened, replayed.rows, topics)),
        thresholds=bundle.thresholds,
        articles=index.articles,
        bound=settings.gate.guarantee.wrong_share,
        source=source,
    )
    path = report or var_folder(settings) / "reports" / "resolution.html"
    print_report(resolution_page(figures), resolution_json(figures), path, as_json=as_json)
