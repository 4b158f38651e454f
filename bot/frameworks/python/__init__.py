"""Python read without running it: values, control flow, places.

Knows Python's parser and `static`. Deliberately absent: every library and framework. What a framework knows of its
library is passed in (`Walk.given`), and its `Handler` decides what calls do.
"""
