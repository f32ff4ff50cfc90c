"""Errors of a training run."""

from data.errors import FirstlineError


class TrainingError(FirstlineError):
    """A training run cannot start or go on."""
