"""The page of hooks: what the README holds between its markers; run as a module, it writes it there."""

import inspect
from pathlib import Path

from dutybook.lifecycle.reference import between_markers, hooks, reference
from tests.contract import hook_examples

README = Path(__file__).parents[2] / "core" / "dutybook" / "lifecycle" / "README.md"


def example(hook: str) -> str:
    """The source of one hook of the example."""
    return inspect.getsource(getattr(hook_examples, hook))


def page() -> str:
    """The README with its reference written anew."""
    return between_markers(README.read_text("utf-8"), reference({hook: example(hook) for hook in hooks()}))


if __name__ == "__main__":
    README.write_text(page(), "utf-8")
