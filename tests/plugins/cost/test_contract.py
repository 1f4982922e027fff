"""The plugin keeps what every plugin has to keep."""

from dutybook.testing.verify.run import verify
from dutybook.testing.verify.subject import subject_of
from tests.backends import Backend


def test_verify_finds_nothing(backend: Backend) -> None:
    report = verify(subject_of("cost"), [backend])
    assert [(it.code.name, it.message.en) for it in report.findings] == []
    assert report.passed
