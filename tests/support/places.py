"""Where things lie: the checkout, and the material beside it that is not ours to commit."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

SHARED = ROOT.parent / "shared"
"""Facts and data of others, beside the checkout where they are at hand; a test that needs them says when it skips."""
