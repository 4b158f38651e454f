"""The migration frameworks: one module each."""
