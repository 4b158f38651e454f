"""Migrations as people write them, in files of Markdown; `cases` reads those."""
