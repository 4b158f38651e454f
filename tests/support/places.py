"""Paths: the checkout, and the material beside it that is not ours to commit."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

SHARED = ROOT.parent / "shared"
"""Facts and data of others, beside the checkout if they are there; a test that needs them says so when it skips."""
