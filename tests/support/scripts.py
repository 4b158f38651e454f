"""Scripts run as psql runs them."""

import psycopg


def run_script(url: str, script: str) -> None:
    """Sends the statements as psql would: each separately, outside a transaction."""
    head, _, rest = script.partition("DO $")
    with psycopg.connect(url, autocommit=True) as connection:
        for line in head.splitlines():
            if line and not line.startswith("--"):
                connection.execute(line.encode())
        connection.execute(f"DO ${rest}".encode())
