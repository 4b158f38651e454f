"""The cases of Rails, a line each: the body of `change`, or whole methods."""

from tests.rewrites.case import Case

CASES = {
    "index": Case(
        "add_index :accounts, :name",
        "",
        ("accounts",),
    ),
    "unique index": Case("add_index :accounts, :email, unique: true", "", ("accounts",)),
    "expression index": Case(
        'add_index :accounts, "lower(email)", name: "accounts_email_lower"',
        "",
        ("accounts",),
    ),
    "dropped index": Case(
        'remove_index :orders, name: "orders_old_idx", column: :total',
        "",
        ("orders",),
    ),
    "not null": Case("change_column_null :accounts, :name, false", "", ("accounts",), short=True),
    "not null with a default for what is null": Case(
        'change_column_null :accounts, :status, false, "on"', "", ("accounts",)
    ),
    "not null behind a backfill": Case(
        "def up\n  add_column :accounts, :slug, :text\n"
        '  execute "UPDATE accounts SET slug = lower(name)"\n'
        "  change_column_null :accounts, :slug, false\nend\n\n"
        "def down\n  remove_column :accounts, :slug\nend",
        "",
        ("accounts",),
        free=("slug",),
        short=True,
    ),
    "required column with a default": Case(
        "add_column :accounts, :token, :uuid, null: false, default: -> { 'gen_random_uuid()' }",
        "",
        ("accounts",),
        free=("token",),
    ),
    "foreign key": Case(
        "add_foreign_key :accounts, :plans",
        "",
        ("accounts", "plans"),
        differs=True,
    ),
    "reference": Case(
        "add_reference :orders, :plan, foreign_key: true",
        "",
        ("orders",),
        writes={"plan_id": lambda n: str(n % 20 + 1)},
    ),
    "check": Case(
        'add_check_constraint :accounts, "size > 0", name: "sized"',
        "",
        ("accounts",),
    ),
    "dropped column": Case("remove_column :accounts, :opt, :text", "", ("accounts",), short=True),
    "rename of a column": Case("rename_column :accounts, :note, :remark", "", ("accounts",), differs=True),
    "rename of a table": Case("rename_table :items, :products", "", ("items",), short=True),
    "type of a column": Case(
        "def up\n  change_column :counters, :hits, :bigint\nend\n\n"
        "def down\n  change_column :counters, :hits, :integer\nend",
        "",
        ("counters",),
        differs=True,
        short=True,
    ),
    "backfill": Case(
        "def up\n  execute \"UPDATE accounts SET status = 'on' WHERE status IS NULL\"\nend\n\ndef down\nend",
        "",
        ("accounts",),
        short=True,
    ),
    "backfill by an expression": Case(
        "def up\n  execute %q(UPDATE accounts SET note = 'a #{b} \"c\" 5%' || lower(name) WHERE id > 10)\nend\n\n"
        "def down\nend",
        "",
        ("accounts",),
        free=("note",),
    ),
    "deletion": Case(
        'def up\n  execute "DELETE FROM audit_log WHERE n > 5900"\nend\n\ndef down\nend', "", ("accounts",)
    ),
    "deletion along a key": Case(
        'def up\n  execute %q(DELETE FROM app."Orders" WHERE "Total Amount" > 290)\nend\n\ndef down\nend',
        "",
        ("accounts",),
    ),
    "backfill along a composite key": Case(
        'def up\n  execute "UPDATE app.members SET team = 0 WHERE team IS NULL OR team = 3"\nend\n\ndef down\nend',
        "",
        ("accounts",),
    ),
    "table, index and foreign key": Case(
        "create_table :memos do |t|\n  t.text :body\nend\nadd_index :orders, :seller_id\n"
        "add_foreign_key :orders, :accounts, column: :seller_id",
        "",
        ("orders", "accounts"),
    ),
    "unique constraint by SQL": Case(
        'def up\n  execute "ALTER TABLE accounts ADD CONSTRAINT accounts_email_key UNIQUE (email)"\nend\n\n'
        'def down\n  execute "ALTER TABLE accounts DROP CONSTRAINT accounts_email_key"\nend',
        "",
        ("accounts",),
    ),
}
