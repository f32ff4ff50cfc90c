"""Errors of the models."""

from data.errors import FirstlineError


class ModelError(FirstlineError):
    """An encoder or a head cannot be used."""


class BundleError(ModelError):
    """A bundle on disk is missing, damaged, or made for something else."""


class BusyBundlesError(ModelError):
    """Another process is promoting or rolling back."""
