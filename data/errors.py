"""The exception tree of the project.

::

    FirstlineError
    ├── DataError            tickets, articles, public sets
    ├── ConfigError          support.yaml, environment
    ├── ModelError           encoder, heads, bundle
    │   ├── BundleError
    │   └── BusyBundlesError
    ├── IndexStoreError      knowledge index
    ├── StorageError         tickets cannot be stored
    └── TrainingError        a training run
"""


class FirstlineError(Exception):
    """Anything this project raises on purpose; the message says what was wrong and what to do."""


class DataError(FirstlineError):
    """A ticket, an article or a data set is not what it should be."""
