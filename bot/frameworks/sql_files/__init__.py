"""sql_files."""
