"""The port to the outside, and what a delivery may answer."""

from __future__ import annotations

from typing import Protocol

from data.errors import FirstlineError
from serving.storage.records import ClaimedRow


class DeliveryRejectedError(FirstlineError):
    """The other side will never take this message; trying again is of no use."""


class Outbound(Protocol):
    """Sends messages to customers, helpdesks, chats."""

    def deliver(self, item: ClaimedRow) -> None:
        """Sends one message and returns when the other side has it.

        The same ``item.key`` may come twice (the relay was killed in between); the other side must be told
        the key, so that it drops the second.

        Raises:
            DeliveryRejectedError: give it up. Any other exception: try again later.
        """
        ...
