"""In which order what was found is shown, and who answers for what."""

INVOLVEMENTS = ("ACCOUNTABLE", "RESPONSIBLE", "SUPERVISE", "ASSIST", "PARTICIPATE", "OTHER", "CATCH_ALL")
"""From who answers for a thing to what says nothing about it."""

LEAD = INVOLVEMENTS[:2]
ASSIST = INVOLVEMENTS[2:5]
