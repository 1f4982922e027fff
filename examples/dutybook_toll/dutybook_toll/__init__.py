"""Shifts, special events and cash of motorway toll stations: a plugin of dutybook."""
