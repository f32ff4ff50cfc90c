"""The closed sets a configuration of heads chooses from."""

from __future__ import annotations

from enum import StrEnum


class HeadKind(StrEnum):
    """What reads a topic, a sentiment or an urgency out of a text.

    ``light`` heads are linear on the shared views and train in seconds on a CPU; ``fine_tuned`` ones are a whole
    transformer each, and want a GPU.
    """

    LIGHT = "light"
    FINE_TUNED = "fine_tuned"


class Precision(StrEnum):
    """Number format of the arithmetic while a transformer is trained; weights are kept in fp32."""

    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"
