"""Starts the service: BentoML's arbiter in this process, its workers in others."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from serving.settings import Settings

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TOKENIZERS_PARALLELISM")
STOP_WITHIN_S = 8
"""Requests in work when the stop comes may take this long."""


def serve(settings: Settings, config: Path | None = None) -> None:
    """Serves until SIGTERM or SIGINT; prints where it listens.

    Args:
        settings: host, port, workers and folders are taken from here.
        config: the file that the workers read their settings from, None for the default one.
    """
    folder = settings.index.root.absolute().parent
    prepare_environment(folder, config)
    service = settings.service
    sys.stdout.write(
        f"Firstline listens on http://{service.host}:{service.port}, {service.workers} worker(s)\n"
    )
    sys.stdout.flush()
    _serve(service.host, service.port, service.workers, folder / f"metrics-{service.port}")


def prepare_environment(folder: Path, config: Path | None) -> None:
    """Sets what the workers inherit; must run before BentoML is imported."""
    for name in ONE_THREAD:
        os.environ[name] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ.setdefault("BENTOML_HOME", str(folder / "bentoml"))
    os.environ["BENTOML_DO_NOT_TRACK"] = "True"
    if config is not None:
        os.environ["FIRSTLINE_CONFIG"] = str(config.absolute())


def _serve(host: str, port: int, workers: int, metrics_folder: Path) -> None:
    from _bentoml_impl.server import serve_http  # type: ignore[import-untyped]
    from bentoml._internal.configuration.containers import BentoMLContainer

    from serving.service import SupportDesk

    BentoMLContainer.prometheus_multiproc_dir.set(str(metrics_folder))
    desk: Any = SupportDesk
    desk.config["workers"] = workers
    desk.inject_config()
    try:
        serve_http(desk, host=host, port=port, timeout_graceful_shutdown=STOP_WITHIN_S)
    except KeyboardInterrupt:
        sys.exit(0)
