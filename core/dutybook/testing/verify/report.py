"""The report of a verification: JSON, with a digest over all the rest of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from dutybook.testing.verify.findings import Finding


@dataclass(frozen=True)
class Report:
    """What was found, and what was measured on the way."""

    plugin: str
    version: str
    api: str
    databases: Sequence[str]
    findings: Sequence[Finding]
    measures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def document(self) -> dict[str, Any]:
        """The report as JSON; `digest` is the SHA-256 of its canonical form without `digest`."""
        told = [
            {"code": it.code.name, "place": it.place, "zh": it.message.zh, "en": it.message.en} for it in self.findings
        ]
        said: dict[str, Any] = {
            "plugin": self.plugin,
            "version": self.version,
            "api": self.api,
            "databases": list(self.databases),
            "passed": self.passed,
            "findings": told,
            "measures": dict(self.measures),
        }
        return {**said, "digest": digest(said)}


def digest(document: Mapping[str, Any]) -> str:
    """The SHA-256 of a document with its keys sorted."""
    return sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()
