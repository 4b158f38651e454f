"""Findings into words: review comments, check run, checklist, runbook, explanations, JSON. Pure."""
