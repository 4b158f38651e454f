"""code_files."""
