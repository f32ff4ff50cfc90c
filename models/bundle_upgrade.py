"""Reads bundles of the format before this one, so that an upgrade of the program does not stop the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.novelty import FOREIGN_WEIGHT, Novelty
from models.resolution import TICKET_FEATURES

OLD_FORMAT = 1


def upgrade_bundle(
    manifest: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Returns a bundle of `OLD_FORMAT` as one of today's format, which says the same of every ticket.

    Format 1 had one centroid a topic for novelty, and a slope and an intercept behind the resolution scorer.
    """
    centroids = tensors["novelty.centroids"]
    dim = centroids.shape[1]
    novelty = Novelty(np.eye(dim, dtype=np.float32), centroids, np.zeros((0, dim), dtype=np.float32))
    slope, intercept = manifest["scorer"]["calibration"]
    mean, scale = tensors["scorer.mean"].copy(), tensors["scorer.scale"].copy()
    column, stretch = TICKET_FEATURES.index("out_of_scope"), 1 / (1 + FOREIGN_WEIGHT)
    mean[column] = 0.5 + (mean[column] - 0.5) * stretch  # the same cosine is another score now
    scale[column] *= stretch
    scorer = {
        "scorer.mean": mean,
        "scorer.scale": scale,
        "scorer.ticket_weights": tensors["scorer.ticket_weights"] * slope,
    }
    bias = {"ticket_bias": manifest["scorer"]["ticket_bias"] * slope + intercept}
    return {**manifest, "scorer": bias}, {**tensors, **novelty.tensors(), **scorer}
