"""Errors of the knowledge index.

::

    IndexStoreError
    ├── NoIndexError          nothing has been built yet, or nothing is kept to go back to
    ├── WrongEncoderError     the index was built with another encoder
    ├── DamagedIndexError     a file is missing, truncated, changed or of another format
    ├── BusyIndexError        another build holds the folder
    ├── UnusableInputError    articles or vectors that cannot be indexed
    └── QueryError            a search with impossible arguments
"""

from data.errors import FirstlineError

REMEDY = "run 'firstline index build', or 'firstline index rollback' to return to the version before"


class IndexStoreError(FirstlineError):
    """The knowledge index cannot be built, opened or searched."""


class NoIndexError(IndexStoreError):
    """There is no index, or no older version, where one is needed."""


class WrongEncoderError(IndexStoreError):
    """The vectors in the index come from another encoder than the one that reads the queries."""


class DamagedIndexError(IndexStoreError):
    """A version on disk is not what was written."""


class BusyIndexError(IndexStoreError):
    """Another process is writing to the index."""


class UnusableInputError(IndexStoreError):
    """The articles, or the vectors an encoder gave for them, cannot be indexed."""


class QueryError(IndexStoreError):
    """A search was asked with arguments that do not fit together or the index."""
