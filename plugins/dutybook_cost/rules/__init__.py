"""The arithmetic of article 1 of the source, pure: no SQL, no clock, money in whole fen, rates as exact fractions."""
