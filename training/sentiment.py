"""The run that learns how a customer sounds, in five levels."""

from models.features import View
from training.heads import HeadSpec

# Class offsets would trade a tenth of the very negative messages that are found for no better calibration.
SPEC = HeadSpec(
    "sentiment",
    View.TONE_TOKENS,
    strengths={View.TONE_DENSE: 5.0, View.NGRAMS: 5.0},
    balanced=True,
    offsets=False,
)
