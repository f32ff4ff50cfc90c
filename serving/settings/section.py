"""What every section of the settings has in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A part of support.yaml: frozen, and no key beside its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


Share = Annotated[float, Field(ge=0, le=1)]
Hours = Annotated[float, Field(gt=0)]
Minutes = Annotated[float, Field(ge=0)]
Usd = Annotated[float, Field(ge=0)]
Name = Annotated[str, Field(min_length=1)]
