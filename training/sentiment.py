"""The run that learns how a customer sounds, in five levels."""

from models.features import View
from training.heads import HeadSpec

SPEC = HeadSpec(
    "sentiment", View.TONE_TOKENS, strengths={View.TONE_DENSE: 5.0, View.NGRAMS: 5.0}, balanced=True
)
