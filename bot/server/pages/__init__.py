"""The few HTML pages the App serves."""
