"""Ruby read without running it: values, control flow, places.

Knows tree-sitter's Ruby and `static`. Deliberately absent: every library and framework. What a framework adds to Ruby
is passed in (`Extensions`), and its `Handler` decides what calls do.
"""
