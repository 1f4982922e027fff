"""The settings of the toll stations."""

from pydantic import BaseModel, ConfigDict, Field


class TollSettings(BaseModel):
    """`report_within_minutes`: how soon a special event is reported where its rule says no time; nobody guesses it."""

    model_config = ConfigDict(extra="forbid")

    report_within_minutes: int = Field(ge=1, le=1440)
