"""The run that learns what a ticket is about: its topic, and thereby its category."""

from models.features import View
from training.heads import HeadSpec

SPEC = HeadSpec("topic", View.TOKENS, strengths={View.DENSE: 5.0})
