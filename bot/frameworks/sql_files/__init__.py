"""Migrations that are files of SQL: what every tool for them has in common.

A tool is a value, `convention.Convention`, in `files.SqlFiles`. The kit reads its files (`reading`), names and writes
new ones (`naming`, `steps`), puts steps in the place of statements (`suggestions`) and whole rewrites into a file
(`rewrites`). `bare` and `annotations` are what several tools' files look like. No code here asks which tool it is.
"""
