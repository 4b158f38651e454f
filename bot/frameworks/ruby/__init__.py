"""Ruby read without running it: values, control flow, places.

Knows tree-sitter's Ruby and `static`. Deliberately absent: every library and framework. What a framework adds to Ruby
is handed in (`Extensions`), and what calls do is its `Handler`'s.
"""
