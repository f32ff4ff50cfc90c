"""All sections of support.yaml, named as there."""

from __future__ import annotations

from pydantic import field_validator

from data.schema import Channel
from serving.settings.desk import (
    ChannelSettings,
    CostSettings,
    IntakeSettings,
    ReplySettings,
    SatisfactionSettings,
)
from serving.settings.platform import (
    DatabaseSettings,
    IndexSettings,
    LoggingSettings,
    ModelSettings,
    ServiceSettings,
)
from serving.settings.policy import (
    EscalationSettings,
    GateSettings,
    PrioritySettings,
    RoutingSettings,
    SlaSettings,
)
from serving.settings.section import Section


class Settings(Section):
    """Everything that can be configured."""

    intake: IntakeSettings
    channels: dict[Channel, ChannelSettings]
    replies: ReplySettings
    priority: PrioritySettings
    gate: GateSettings
    escalation: EscalationSettings
    routing: RoutingSettings
    sla: SlaSettings
    satisfaction: SatisfactionSettings
    costs: CostSettings
    models: ModelSettings
    index: IndexSettings
    database: DatabaseSettings
    service: ServiceSettings
    logging: LoggingSettings

    @field_validator("channels")
    @classmethod
    def _every_channel(cls, channels: dict[Channel, ChannelSettings]) -> dict[Channel, ChannelSettings]:
        missing = [channel for channel in Channel if channel not in channels]
        if missing:
            raise ValueError(f"lacks {', '.join(missing)}")
        return channels
