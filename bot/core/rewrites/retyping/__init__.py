"""ALTER COLUMN ... TYPE without rewriting a table in use: in place where that is instant, else by a second column.

The second column is filled beside the old one, proven to be equal to it in everything that is on it, exchanged with it
in an instant, and dropped when nobody needs the way back any more.
"""

from bot.core.rewrites.retyping.planning import alter_types, belongs, leader, no_way

__all__ = ["alter_types", "belongs", "leader", "no_way"]
