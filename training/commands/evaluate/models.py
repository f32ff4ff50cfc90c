"""``firstline evaluate models``: how well the champion reads labelled tickets."""

from __future__ import annotations

from data.schema import Split
from training.commands.evaluate.labelled import SplitOption, TicketsOption, read_labelled
from training.commands.evaluate.options import ReportOption, print_report
from training.commands.options import ConfigOption, JsonOption, open_settings, var_folder


def evaluate_models(
    tickets: TicketsOption = None,
    split: SplitOption = Split.TEST,
    as_json: JsonOption = False,
    report: ReportOption = None,
    config: ConfigOption = None,
) -> None:
    """Measure category, topic, sentiment and urgency: by class, language and channel, and how honestly."""
    from evaluation.pages.models import ModelFigures, models_json, models_page
    from models.champion import open_champion

    settings = open_settings(config)
    labelled, source = read_labelled(tickets, split)
    bundle = open_champion(settings.models.bundles)
    readings = bundle.read([ticket.text for ticket in labelled], [None] * len(labelled))
    articles = bundle.scorer.topic_articles.by_topic
    figures = ModelFigures(labelled, readings, articles, source, bundle.version)
    path = report or var_folder(settings) / "reports" / "models.html"
    print_report(models_page(figures), models_json(figures), path, as_json=as_json)
