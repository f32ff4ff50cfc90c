"""The exceptions of the desk.

::

    FirstlineError
    ├── ConfigError              support.yaml or the environment is wrong; carries every problem
    └── DeskError
        ├── IntakeError          a message cannot become a ticket; carries the field
        │   └── ChannelDisabledError
        ├── CorrectionError      a person's correction contradicts itself or names something unknown
        ├── RatingError          a satisfaction rating is outside its scale
        └── TransitionError      a status change that is not allowed
"""

from __future__ import annotations

from collections.abc import Sequence

from data.errors import FirstlineError


class ConfigError(FirstlineError):
    """support.yaml or the environment is wrong.

    Attributes:
        problems: one line each, starting with the key's path.
    """

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join([f"{source} cannot be used:", *(f"  {problem}" for problem in problems)]))


class DeskError(FirstlineError):
    """The desk refuses something that a caller asked for."""


class IntakeError(DeskError):
    """A message cannot become a ticket.

    Attributes:
        field: the name of the field that is wrong.
    """

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


class ChannelDisabledError(IntakeError):
    """A message came in over a channel that is switched off."""


class CorrectionError(DeskError):
    """A person's correction says nothing, contradicts itself or names something unknown.

    Attributes:
        field: the name of the field that is wrong.
    """

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


class RatingError(DeskError):
    """A satisfaction rating is outside its scale."""


class TransitionError(DeskError):
    """A status change that is not allowed.

    Attributes:
        current: the ticket's status.
        wanted: the status asked for.
    """

    def __init__(self, current: str, wanted: str, allowed: Sequence[str]) -> None:
        self.current = current
        self.wanted = wanted
        choices = f"allowed: {', '.join(allowed)}" if allowed else "no further change is allowed"
        super().__init__(f"a ticket cannot go from {current} to {wanted}; {choices}")
