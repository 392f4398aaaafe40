"""How a setting is declared: once, with its type, unit, default, range and purpose."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator


def declare(default: Any, unit: str, purpose: str, precedent: str, **limits: Any) -> Any:
    """Declare one setting; `limits` are pydantic's (`ge`, `le`, `max_length`...)."""
    extra: dict[str, Any] = {"unit": unit, "precedent": precedent}
    return Field(default, description=purpose, json_schema_extra=extra, **limits)


def ports(purpose: str) -> Any:
    """Declare a list of TCP ports."""
    return declare((), "", purpose, "empty: every listener is treated alike", max_length=1024)


class Section(BaseModel):
    """A table of the settings file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _tcp_ports(cls, value: Any, info: ValidationInfo) -> Any:
        """Check every list of ports, which are those that are called so."""
        if info.field_name is not None and info.field_name.endswith("ports"):
            for number in value:
                if not 0 < number < 65536:
                    raise ValueError(f"{number} is not a TCP port (1 to 65535)")
        return value
