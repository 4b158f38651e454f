"""Tests of settings, logs and storage."""
