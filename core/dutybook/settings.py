"""Settings: DUTYBOOK_* variables, *_FILE variables for secrets, then `dutybook.toml` in the working directory."""

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from dutybook.errors import BadInput, Message

PREFIX = "DUTYBOOK_"
FILE = "dutybook.toml"


def _zone(value: object) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(str(value))
    except (LookupError, ValueError, OSError) as reason:
        zh = f"设置 timezone 的值「{value}」不是已知时区，请写成 Asia/Shanghai 的形式。"
        en = f"timezone: '{value}' is not a known time zone; write it like Asia/Shanghai."
        raise BadInput(zh, en, path=["timezone"]) from reason


def _names(value: object) -> object:
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """What an installation decides; whatever it leaves open has the value written here."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    database_url: Annotated[str, Field(repr=False)] = "sqlite:///dutybook.db"
    plugins: Names = ()
    plugin: Annotated[dict[str, dict[str, Any]], Field(repr=False)] = {}
    degraded: bool = False
    timezone: Zone = ZoneInfo("Asia/Shanghai")
    anonymous_role: str = ""
    masters: dict[str, tuple[str, ...]] = {}

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000

    read_seconds: Seconds = 10
    write_seconds: Seconds = 60
    hook_seconds: Seconds = 5

    max_body_bytes: Count = 1_000_000
    file_limit: Count = 20_000_000
    max_json_depth: Count = 32
    max_tokens: Count = 2_000
    max_depth: Count = 15
    max_aliases: Count = 15
    max_cost: Count = 5_000

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Whoever comes first wins."""
        files = InitSettingsSource(settings_cls, from_files(settings_cls.model_fields))
        return init_settings, env_settings, files, _toml(settings_cls)


def load_settings(**given: Any) -> Settings:
    """The settings of this process, `given` before all else; BadInput tells everything that is wrong with them."""
    try:
        return Settings(**given)
    except ValidationError as error:
        told = [_told(detail) for detail in error.errors()]
        zh, en = "；".join(message.zh for message in told), "; ".join(message.en for message in told)
        raise BadInput(f"{zh}。", f"{en}.", path=error.errors()[0]["loc"]) from error


def from_files(names: Iterable[str], prefix: str = PREFIX) -> dict[str, Any]:
    """The settings whose value stands in a file that a `DUTYBOOK_…_FILE` variable names."""
    paths = {name: os.environ.get(f"{prefix}{name.upper()}_FILE") for name in names}
    return {name: _content(name, f"{prefix}{name.upper()}", Path(path)) for name, path in paths.items() if path}


def _content(name: str, variable: str, path: Path) -> str:
    if variable in os.environ:
        zh = f"{variable} 与 {variable}_FILE 只能设置其一。"
        raise BadInput(zh, f"{variable} and {variable}_FILE are both set; keep one.", path=[name])
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as reason:
        zh = f"无法读取 {variable}_FILE 指定的文件「{path}」：{reason}。"
        raise BadInput(zh, f"{variable}_FILE: '{path}' cannot be read: {reason}.", path=[name]) from reason


def _toml(settings: type[BaseSettings]) -> PydanticBaseSettingsSource:
    try:
        return TomlConfigSettingsSource(settings, Path(FILE))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as reason:
        place = Path(FILE).absolute()
        raise BadInput(f"无法读取 {place}：{reason}。", f"{place} cannot be read: {reason}.", path=[FILE]) from reason


_SENTENCES = {
    "extra_forbidden": Message("没有名为 {name} 的设置，已有 {known}", "there is no setting {name}; known are {known}"),
    "greater_than": Message("{name} 的值「{value}」必须大于 {gt}", "{name}: '{value}' must be more than {gt}"),
    "greater_than_equal": Message("{name} 的值「{value}」不得小于 {ge}", "{name}: '{value}' must be at least {ge}"),
    "less_than_equal": Message("{name} 的值「{value}」不得大于 {le}", "{name}: '{value}' must be at most {le}"),
    "int_parsing": Message("{name} 的值「{value}」应为整数", "{name}: '{value}' must be a whole number"),
    "float_parsing": Message("{name} 的值「{value}」应为数字", "{name}: '{value}' must be a number"),
}
_OTHERWISE = Message("{name} 的值无法识别（{reason}）", "{name} cannot be read ({reason})")


def _told(detail: ErrorDetails) -> Message:
    words = {
        "name": ".".join(str(step) for step in detail["loc"]),
        "value": detail["input"],
        "known": ", ".join(Settings.model_fields),
        "reason": detail["msg"],
        **detail.get("ctx", {}),
    }
    zh, en = _SENTENCES.get(detail["type"], _OTHERWISE)
    return Message(zh.format(**words), en.format(**words))
