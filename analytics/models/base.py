"""What all answers of the API share, its errors, and whether it is there."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ErrorBody(Model):
    type: str = Field(examples=["not_found"])
    message: str = Field(examples=["no job has the id 42; `jobs list` shows the ids"])


class ErrorResponse(Model):
    error: ErrorBody


class Health(Model):
    status: Literal["ok", "unavailable"]
    detail: str = ""
