"""The run that learns whether a customer is pressed for time."""

from models.features import View
from training.heads import HeadSpec

SPEC = HeadSpec("urgent", View.TONE_TOKENS, strengths={View.TONE_DENSE: 5.0, View.NGRAMS: 5.0}, balanced=True)
