"""What every plugin has to keep, tried on a book that is thrown away: `dutybook plugin verify`."""
