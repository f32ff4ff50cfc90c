"""Runs in MLflow: parameters, figures, plots and the bundle."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.tickets import TICKETS_DIR
from evaluation.plots import plot_confusion, plot_reliability, plot_risk_coverage, to_png
from training.registry import reaching, register

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param

    from training.pipeline import PipelineConfig, TrainedRun

EXPERIMENT = "firstline"
SHIPPED = "shipped"
SQLITE = "sqlite:///"
MANNERS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
"""What MLflow is told where the user has not: by itself it would draw bars, and try an absent server for minutes."""


def open_client(uri: str) -> MlflowClient:
    """Returns a client of the tracking store at `uri`; the folder of a SQLite file is made where it is missing.

    Raises:
        TrainingError: the store cannot be opened.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # that a server is away is said once, by us
    for name, value in MANNERS.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    logging.getLogger("mlflow").setLevel(logging.WARNING)  # its import sets another level
    with reaching(uri, "the tracking store"):
        if uri.startswith(SQLITE):
            Path(uri.removeprefix(SQLITE)).parent.mkdir(parents=True, exist_ok=True)
        return MlflowClient(uri)


def log_run(client: MlflowClient, run: TrainedRun, config: PipelineConfig) -> str:
    """Logs a finished run, registers its bundle as the challenger, and returns its number.

    Raises:
        TrainingError: the tracking store does not answer; the bundle lies in the run's folder.
    """
    with reaching(client.tracking_uri, f"the run is in {run.folder}, but the tracking store"):
        run_id = client.create_run(_experiment(client, config.var), tags=_tags(run)).info.run_id
        client.log_batch(run_id, metrics=_metrics(run), params=_params(config))
        _log_plots(client, run_id, run)
        client.log_artifacts(run_id, str(run.folder), "bundle")
        client.set_terminated(run_id)
        source = f"{client.get_run(run_id).info.artifact_uri}/bundle"
    tags = {
        "bundle": run.bundle.version,
        "data_hash": run.bundle.data_hash,
        "tickets": _place(config.tickets, TICKETS_DIR),
    }
    return register(client, source, run_id, tags)


def _log_plots(client: MlflowClient, run_id: str, run: TrainedRun) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, figure in draw_plots(run).items():
            (Path(folder) / f"{name}.png").write_bytes(to_png(figure))
        client.log_artifacts(run_id, folder, "plots")


def _params(config: PipelineConfig) -> list[Param]:
    from mlflow.entities import Param

    return [Param(name, str(value)[:500]) for name, value in _flatten(asdict(config))]


def _metrics(run: TrainedRun) -> list[Metric]:
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    return [
        Metric(name.replace("@", "_at_"), float(value), now, 0)
        for name, value in _flatten(run.bundle.metrics)
        if isinstance(value, int | float) and np.isfinite(value)
    ]


def draw_plots(run: TrainedRun) -> dict[str, Figure]:
    """Returns the plots of a run's test split by name."""
    tickets = run.dataset.test.tickets
    truth = [str(ticket.category) for ticket in tickets]
    predicted = [reading.category.value for reading in run.test]
    confidence = np.array([reading.category.probability for reading in run.test])
    right = np.array([t == p for t, p in zip(truth, predicted, strict=True)])
    answers = run.answers
    topic = np.array([reading.topic.probability for reading in run.test])
    curves = {
        "resolution scorer": (answers.probabilities, answers.right),
        "topic probability": (topic, answers.right),
    }
    return {
        "confusion-category": plot_confusion(truth, predicted),
        "reliability-category": plot_reliability(confidence, right),
        "reliability-resolution": plot_reliability(answers.probabilities, answers.right),
        "risk-coverage": plot_risk_coverage(curves, 0.05),
    }


def _experiment(client: MlflowClient, var: Path) -> str:
    """Returns the experiment's id; a server decides by itself where artifacts go, a database has no place for them."""
    found = client.get_experiment_by_name(EXPERIMENT)
    if found is not None:
        return str(found.experiment_id)
    remote = client.tracking_uri.startswith(("http:", "https:"))
    location = None if remote else (var / "mlflow" / "artifacts").absolute().as_uri()
    return str(client.create_experiment(EXPERIMENT, artifact_location=location))


def _place(path: Path, shipped: Path) -> str:
    """Returns where a run's data lie, for the promotion that will measure on them."""
    return SHIPPED if path == shipped else str(path.absolute())


def _tags(run: TrainedRun) -> dict[str, str]:
    return {"git_commit": _git_commit(), "data_hash": run.bundle.data_hash, "encoder": run.bundle.encoder.id}


def _git_commit() -> str:
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607  # the user's own git
            capture_output=True,
            text=True,
            check=True,
            timeout=5,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return found.stdout.strip()


def _flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        key = f"{prefix}{getattr(name, 'value', name)}"
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{key}.")
        elif isinstance(value, tuple | list):
            yield key, json.dumps(value, default=str)
        else:
            yield key, value
