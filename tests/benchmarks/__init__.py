"""Benchmarks, compared with a peer. pytest does not run them."""
