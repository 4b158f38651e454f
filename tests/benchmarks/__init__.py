"""Benchmarks: ratios beside a peer. Not run by pytest."""
