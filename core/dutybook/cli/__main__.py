"""`python -m dutybook.cli` is the `dutybook` command."""

from dutybook.cli import main

main()
