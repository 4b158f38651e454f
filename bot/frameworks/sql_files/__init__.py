"""Migrations that are files of SQL: what their tools have in common.

A tool is a value, `convention.Convention`, in `files.SqlFiles`. The kit reads its files (`reading`), names and writes
new ones (`naming`, `steps`), puts steps in the place of statements (`suggestions`) and whole rewrites into a file
(`rewrites`). `bare` and `annotations` are file formats of several tools. It knows SQL and the kit `statements`; no
tool.
"""
