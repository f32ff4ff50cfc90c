"""From the settings' ``models`` section to what the training of heads is told."""

from __future__ import annotations

from serving.settings import Settings
from training.commands.options import var_folder
from training.fine_tuning import FineTuningConfig
from training.heads import HeadsConfig


def heads_config(settings: Settings, seed: int) -> HeadsConfig:
    """Returns which kind of head is fitted, and how."""
    fine_tuning = settings.models.fine_tuning
    return HeadsConfig(
        kind=settings.models.heads,
        fine_tuning=FineTuningConfig(
            base=fine_tuning.base,
            epochs=fine_tuning.epochs,
            batch_size=fine_tuning.batch_size,
            gradient_accumulation=fine_tuning.gradient_accumulation,
            learning_rate=fine_tuning.learning_rate,
            max_length=fine_tuning.max_length,
            precision=fine_tuning.precision,
            patience=fine_tuning.patience,
            class_weights=fine_tuning.class_weights,
            processes=fine_tuning.processes,
            resume=fine_tuning.resume,
            seed=seed,
            work=var_folder(settings) / "fine-tuning",
        ),
    )
