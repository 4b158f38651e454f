"""A squashed migration: the ordinary statements of years, of every common kind, in one file."""

_KINDS = (
    "CREATE TABLE t{i} (id bigint PRIMARY KEY, name text NOT NULL, user_id bigint, at timestamptz DEFAULT now());",
    "CREATE INDEX t{p}_name_idx ON t{p} (name);",
    "ALTER TABLE t{p} ADD COLUMN note text;",
    "ALTER TABLE t{p} ADD FOREIGN KEY (user_id) REFERENCES users (id);",
    "ALTER TABLE t{p} ADD CONSTRAINT t{p}_short CHECK (length(name) < 200);",
    "INSERT INTO t{p} (name) VALUES ('a'), ('b');",
    "ALTER TABLE t{p} ALTER COLUMN note SET DEFAULT '';",
    "UPDATE t{p} SET note = '' WHERE note IS NULL;",
    "ALTER TABLE t{p} ALTER COLUMN note SET NOT NULL;",
    "COMMENT ON TABLE t{p} IS 'of {p}';",
    "GRANT SELECT ON t{p} TO app;",
    "CREATE VIEW v{i} AS SELECT id, name FROM t{p} WHERE at > now();",
)


def squashed(count: int) -> str:
    """So many statements."""
    lines = []
    for number in range(count):
        kind = _KINDS[number % len(_KINDS)]
        lines.append(kind.replace("{i}", str(number)).replace("{p}", str(number - number % len(_KINDS))))
    return "\n".join(lines) + "\n"


def on_existing(count: int) -> str:
    """The same, on tables that were there before."""
    return "\n".join(
        line for line in squashed(count * 12 // 11 + 1).splitlines() if not line.startswith("CREATE TABLE")
    )


def harmless(count: int) -> str:
    return "".join(f"INSERT INTO t{number % 7} (a, b) VALUES ({number}, 'x');\n" for number in range(count))
