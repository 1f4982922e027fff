"""Plugins that break one rule each, and no other; `test_verify.py` tells which."""
