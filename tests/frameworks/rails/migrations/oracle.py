"""Calls of Active Record with the SQL that its PostgreSQL adapter issues for them, by version of the migration.

Read off Rails' own source (connection_adapters/abstract and postgresql, migration/compatibility).
"""

from typing import NamedTuple


class Case(NamedTuple):
    """`sql` holds the statements in order; `version` is that of `ActiveRecord::Migration[...]`."""

    version: str
    ruby: str
    sql: str


CASES = (
    Case("8.0", "add_column :users, :name, :string", "ALTER TABLE users ADD name varchar"),
    Case("8.0", "add_column :users, :name, :string, limit: 40", "ALTER TABLE users ADD name varchar(40)"),
    Case(
        "8.0",
        'add_column :users, :name, :string, default: "x", null: false',
        "ALTER TABLE users ADD name varchar DEFAULT 'x' NOT NULL",
    ),
    Case("8.0", "add_column :users, :n, :integer, limit: 2", "ALTER TABLE users ADD n smallint"),
    Case("8.0", "add_column :users, :n, :integer, limit: 8", "ALTER TABLE users ADD n bigint"),
    Case(
        "8.0",
        "add_column :users, :n, :decimal, precision: 10, scale: 2",
        "ALTER TABLE users ADD n numeric(10,2)",
    ),
    Case("8.0", "add_column :users, :n, :decimal, precision: 10", "ALTER TABLE users ADD n numeric(10)"),
    Case("8.0", "add_column :users, :tags, :string, array: true", "ALTER TABLE users ADD tags varchar[]"),
    Case(
        "8.0",
        "add_column :users, :tags, :string, array: true, default: []",
        "ALTER TABLE users ADD tags varchar[] DEFAULT '{}'",
    ),
    Case("7.0", "add_column :users, :seen, :datetime", "ALTER TABLE users ADD seen timestamp(6)"),
    Case("7.0", "add_column :users, :seen, :datetime, precision: nil", "ALTER TABLE users ADD seen timestamp"),
    Case("6.1", "add_column :users, :seen, :datetime", "ALTER TABLE users ADD seen timestamp"),
    Case("8.0", "add_column :users, :seen, :timestamptz", "ALTER TABLE users ADD seen timestamptz"),
    Case("8.0", 'add_column :users, :seen, "timestamptz(3)"', "ALTER TABLE users ADD seen timestamptz(3)"),
    Case("8.0", "add_column :users, :at, :time", "ALTER TABLE users ADD at time"),
    Case("8.0", "add_column :users, :photo, :binary", "ALTER TABLE users ADD photo bytea"),
    Case("8.0", "add_column :users, :data, :jsonb, default: {}", "ALTER TABLE users ADD data jsonb DEFAULT '{}'"),
    Case("8.0", "add_column :users, :mood, :enum, enum_type: :mood", "ALTER TABLE users ADD mood mood"),
    Case(
        "8.0",
        "add_column :users, :token, :uuid, default: -> { 'gen_random_uuid()' }",
        ("ALTER TABLE users ADD token uuid DEFAULT gen_random_uuid()"),
    ),
    Case(
        "8.0",
        'add_column :users, :upper, :virtual, type: :string, as: "upper(name)", stored: true',
        "ALTER TABLE users ADD upper varchar GENERATED ALWAYS AS (upper(name)) STORED",
    ),
    Case(
        "8.0",
        'add_column :users, :name, :string, comment: "who"',
        "ALTER TABLE users ADD name varchar; COMMENT ON COLUMN users.name IS 'who'",
    ),
    Case(
        "8.0",
        "add_columns :users, :a, :b, type: :integer",
        "ALTER TABLE users ADD a integer; ALTER TABLE users ADD b integer",
    ),
    Case("8.0", "remove_column :users, :name, :string", "ALTER TABLE users DROP COLUMN name"),
    Case("8.0", "remove_columns :users, :a, :b, type: :integer", "ALTER TABLE users DROP COLUMN a, DROP COLUMN b"),
    Case(
        "8.0",
        "add_timestamps :users",
        "ALTER TABLE users ADD created_at timestamp(6) NOT NULL, ADD updated_at timestamp(6) NOT NULL",
    ),
    Case(
        "5.2",
        "add_timestamps :users",
        "ALTER TABLE users ADD created_at timestamp NOT NULL, ADD updated_at timestamp NOT NULL",
    ),
    Case(
        "6.0",
        "add_timestamps :users, null: true",
        "ALTER TABLE users ADD created_at timestamp(6), ADD updated_at timestamp(6)",
    ),
    Case("4.2", "add_timestamps :users", "ALTER TABLE users ADD created_at timestamp, ADD updated_at timestamp"),
    Case(
        "8.0",
        "remove_timestamps :users",
        "ALTER TABLE users DROP COLUMN updated_at, DROP COLUMN created_at",
    ),
    Case("8.0", "change_column :users, :n, :bigint", "ALTER TABLE users ALTER COLUMN n TYPE bigint"),
    Case(
        "8.0",
        "change_column :users, :n, :string, default: 'x', null: false",
        "ALTER TABLE users ALTER COLUMN n TYPE varchar, ALTER COLUMN n SET DEFAULT 'x', ALTER COLUMN n SET NOT NULL",
    ),
    Case(
        "5.1",
        "change_column :users, :n, :string, default: 'x', null: false",
        "ALTER TABLE users ALTER COLUMN n TYPE varchar; ALTER TABLE users ALTER COLUMN n SET DEFAULT 'x';"
        "UPDATE users SET n = 'x' WHERE n IS NULL; ALTER TABLE users ALTER COLUMN n SET NOT NULL",
    ),
    Case(
        "8.0",
        "change_column :users, :n, :uuid, using: 'n::uuid'",
        "ALTER TABLE users ALTER COLUMN n TYPE uuid USING n::uuid",
    ),
    Case(
        "8.0",
        "change_column :users, :n, 'integer USING CAST(n AS integer)'",
        "ALTER TABLE users ALTER COLUMN n TYPE integer USING CAST(n AS integer)",
    ),
    Case(
        "8.0",
        "change_column :users, :n, :integer, cast_as: :integer",
        "ALTER TABLE users ALTER COLUMN n TYPE integer USING CAST(n AS integer)",
    ),
    Case("8.0", "change_column_null :users, :n, false", "ALTER TABLE users ALTER COLUMN n SET NOT NULL"),
    Case("8.0", "change_column_null :users, :n, true", "ALTER TABLE users ALTER COLUMN n DROP NOT NULL"),
    Case(
        "8.0",
        "change_column_null :users, :n, false, 0",
        "UPDATE users SET n = 0 WHERE n IS NULL; ALTER TABLE users ALTER COLUMN n SET NOT NULL",
    ),
    Case(
        "8.0",
        "change_column_default :users, :n, from: nil, to: 1",
        "ALTER TABLE users ALTER COLUMN n SET DEFAULT 1",
    ),
    Case("8.0", "change_column_default :users, :n, nil", "ALTER TABLE users ALTER COLUMN n DROP DEFAULT"),
    Case(
        "8.0",
        "change_column_comment :users, :n, from: nil, to: 'count'",
        "COMMENT ON COLUMN users.n IS 'count'",
    ),
    Case("8.0", "change_table_comment :users, 'people'", "COMMENT ON TABLE users IS 'people'"),
    Case("8.0", "rename_column :users, :a, :b", "ALTER TABLE users RENAME COLUMN a TO b"),
    Case("8.0", "rename_index :users, 'a', 'b'", "ALTER INDEX a RENAME TO b"),
    Case("8.0", "add_index :users, :email", "CREATE INDEX index_users_on_email ON users (email)"),
    Case(
        "8.0",
        "add_index :users, %i[a b], unique: true",
        "CREATE UNIQUE INDEX index_users_on_a_and_b ON users (a, b)",
    ),
    Case(
        "8.0",
        "add_index :users, :email, algorithm: :concurrently, if_not_exists: true",
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS index_users_on_email ON users (email)",
    ),
    Case(
        "8.0",
        "add_index :users, :email, name: 'by_email', where: 'deleted_at IS NULL', using: :gin, include: [:id]",
        "CREATE INDEX by_email ON users USING gin (email) INCLUDE (id) WHERE deleted_at IS NULL",
    ),
    Case(
        "8.0",
        "add_index :users, 'lower(email)'",
        "CREATE INDEX index_users_on_lower_email ON users (lower(email))",
    ),
    Case(
        "8.0",
        "add_index :users, [:a, :b], order: { a: :desc }, opclass: { b: :text_pattern_ops }",
        "CREATE INDEX index_users_on_a_and_b ON users (a DESC, b text_pattern_ops)",
    ),
    Case(
        "8.0",
        "add_index 'app.users', :email, nulls_not_distinct: true, unique: true",
        "CREATE UNIQUE INDEX index_users_on_email ON app.users (email) NULLS NOT DISTINCT",
    ),
    Case(
        "7.1",
        "add_index :accounts, %i[first_quite_long_column second_quite_long_column]",
        "CREATE INDEX idx_on_first_quite_long_column_second_quite_long_co_45c879b6ee ON accounts "
        "(first_quite_long_column, second_quite_long_column)",
    ),
    Case("8.0", "remove_index :users, :email", "DROP INDEX index_users_on_email"),
    Case("8.0", "remove_index :users, column: %i[a b]", "DROP INDEX index_users_on_a_and_b"),
    Case(
        "8.0",
        "remove_index :users, name: 'by_email', algorithm: :concurrently",
        "DROP INDEX CONCURRENTLY by_email",
    ),
    Case(
        "8.0",
        "add_reference :posts, :user",
        "ALTER TABLE posts ADD user_id bigint; CREATE INDEX index_posts_on_user_id ON posts (user_id)",
    ),
    Case(
        "5.0",
        "add_reference :posts, :user",
        "ALTER TABLE posts ADD user_id integer; CREATE INDEX index_posts_on_user_id ON posts (user_id)",
    ),
    Case("4.2", "add_reference :posts, :user", "ALTER TABLE posts ADD user_id integer"),
    Case(
        "8.0",
        "add_reference :posts, :user, index: false, null: false",
        ("ALTER TABLE posts ADD user_id bigint NOT NULL"),
    ),
    Case(
        "8.0",
        "add_belongs_to :posts, :author, type: :uuid, index: { algorithm: :concurrently }, "
        "foreign_key: { to_table: :users, validate: false, on_delete: :cascade }",
        "ALTER TABLE posts ADD author_id uuid;"
        "CREATE INDEX CONCURRENTLY index_posts_on_author_id ON posts (author_id);"
        "ALTER TABLE posts ADD CONSTRAINT fk_rails_04d13ef8c7 FOREIGN KEY (author_id) REFERENCES users (id) "
        "ON DELETE CASCADE NOT VALID",
    ),
    Case(
        "8.0",
        "add_reference :posts, :owner, polymorphic: true",
        "ALTER TABLE posts ADD owner_type varchar; ALTER TABLE posts ADD owner_id bigint;"
        "CREATE INDEX index_posts_on_owner ON posts (owner_type, owner_id)",
    ),
    Case(
        "6.0",
        "add_reference :posts, :owner, polymorphic: true, null: false",
        "ALTER TABLE posts ADD owner_type varchar NOT NULL; ALTER TABLE posts ADD owner_id bigint NOT NULL;"
        "CREATE INDEX index_posts_on_owner_type_and_owner_id ON posts (owner_type, owner_id)",
    ),
    Case(
        "8.0",
        "remove_reference :posts, :owner, polymorphic: true",
        "ALTER TABLE posts DROP COLUMN owner_id; ALTER TABLE posts DROP COLUMN owner_type",
    ),
    Case(
        "8.0",
        "add_foreign_key :articles, :authors",
        "ALTER TABLE articles ADD CONSTRAINT fk_rails_e74ce85cbc FOREIGN KEY (author_id) REFERENCES authors (id)",
    ),
    Case(
        "8.0",
        "add_foreign_key :articles, :users, column: :author_id, primary_key: :lng_id, deferrable: :deferred",
        "ALTER TABLE articles ADD CONSTRAINT fk_rails_e74ce85cbc FOREIGN KEY (author_id) REFERENCES users (lng_id) "
        "DEFERRABLE INITIALLY DEFERRED",
    ),
    Case(
        "8.0",
        "remove_foreign_key :articles, :authors",
        "ALTER TABLE articles DROP CONSTRAINT fk_rails_e74ce85cbc",
    ),
    Case(
        "8.0",
        "validate_foreign_key :articles, :authors",
        "ALTER TABLE articles VALIDATE CONSTRAINT fk_rails_e74ce85cbc",
    ),
    Case(
        "8.0",
        "add_check_constraint :products, 'price > 0', name: 'price_check', validate: false",
        "ALTER TABLE products ADD CONSTRAINT price_check CHECK (price > 0) NOT VALID",
    ),
    Case(
        "8.0",
        "validate_check_constraint :products, name: 'price_check'",
        "ALTER TABLE products VALIDATE CONSTRAINT price_check",
    ),
    Case(
        "8.0",
        "remove_check_constraint :products, name: 'price_check'",
        "ALTER TABLE products DROP CONSTRAINT price_check",
    ),
    Case(
        "8.0",
        "add_unique_constraint :sections, [:position], deferrable: :deferred, name: 'unique_position'",
        "ALTER TABLE sections ADD CONSTRAINT unique_position UNIQUE (position) DEFERRABLE INITIALLY DEFERRED",
    ),
    Case(
        "8.0",
        "add_unique_constraint :sections, name: 'u', using_index: 'index_sections_on_position'",
        "ALTER TABLE sections ADD CONSTRAINT u UNIQUE USING INDEX index_sections_on_position",
    ),
    Case(
        "8.0",
        "add_exclusion_constraint :stays, 'daterange(starts, ends) WITH &&', using: :gist, name: 'no_overlap'",
        "ALTER TABLE stays ADD CONSTRAINT no_overlap EXCLUDE USING gist (daterange(starts, ends) WITH &&)",
    ),
    Case(
        "8.0", "validate_constraint :products, :price_check", ("ALTER TABLE products VALIDATE CONSTRAINT price_check")
    ),
    Case("8.0", "drop_table :users, force: :cascade, if_exists: true", "DROP TABLE IF EXISTS users CASCADE"),
    Case("8.0", "drop_table :users, :posts", "DROP TABLE users, posts"),
    Case("8.0", "drop_join_table :posts, :users", "DROP TABLE posts_users"),
    Case("8.0", "drop_enum :mood", "DROP TYPE mood"),
    Case("8.0", "add_enum_value :mood, 'sad', before: 'happy'", "ALTER TYPE mood ADD VALUE 'sad' BEFORE 'happy'"),
    Case("8.0", "rename_enum_value :mood, from: 'a', to: 'b'", "ALTER TYPE mood RENAME VALUE 'a' TO 'b'"),
    Case("8.0", "rename_enum :mood, :moods", "ALTER TYPE mood RENAME TO moods"),
    Case("8.0", "enable_extension 'citext'", "CREATE EXTENSION IF NOT EXISTS citext"),
    Case("8.0", "disable_extension 'citext'", "DROP EXTENSION IF EXISTS citext"),
    Case("7.0", "disable_extension 'citext'", "DROP EXTENSION IF EXISTS citext CASCADE"),
    Case("8.0", "create_schema 'audit', if_not_exists: true", "CREATE SCHEMA IF NOT EXISTS audit"),
    Case("8.0", "drop_schema 'audit'", "DROP SCHEMA audit CASCADE"),
    Case(
        "8.0",
        "create_table :users do |t|\n  t.string :name, null: false\n  t.timestamps\nend",
        "CREATE TABLE users (id bigserial PRIMARY KEY, name varchar NOT NULL, "
        "created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL)",
    ),
    Case(
        "5.0",
        "create_table :users do |t|\n  t.datetime :seen\n  t.timestamps\nend",
        "CREATE TABLE users (id serial PRIMARY KEY, seen timestamp, "
        "created_at timestamp NOT NULL, updated_at timestamp NOT NULL)",
    ),
    Case(
        "8.0",
        "create_table :users, id: :uuid do |t|\nend",
        "CREATE TABLE users (id uuid DEFAULT gen_random_uuid() NOT NULL PRIMARY KEY)",
    ),
    Case(
        "5.0",
        "create_table :users, id: :uuid do |t|\nend",
        "CREATE TABLE users (id uuid DEFAULT uuid_generate_v4() NOT NULL PRIMARY KEY)",
    ),
    Case(
        "8.0",
        "create_table :users, primary_key: [:a, :b] do |t|\n  t.integer :a\n  t.integer :b\nend",
        "CREATE TABLE users (a integer, b integer, PRIMARY KEY (a, b))",
    ),
    Case(
        "8.0",
        "create_table :users, force: :cascade, id: false do |t|\n  t.text :a, index: true\nend",
        "DROP TABLE IF EXISTS users CASCADE; CREATE TABLE users (a text); CREATE INDEX index_users_on_a ON users (a)",
    ),
    Case(
        "8.0",
        "create_table :posts do |t|\n  t.references :user, foreign_key: true\n  t.index [:user_id, :id], unique: true\n"
        "  t.check_constraint 'id > 0', name: 'positive'\nend",
        "CREATE TABLE posts (id bigserial PRIMARY KEY, user_id bigint, "
        "CONSTRAINT fk_rails_5b5ddfd518 FOREIGN KEY (user_id) REFERENCES users (id), "
        "CONSTRAINT positive CHECK (id > 0));"
        "CREATE INDEX index_posts_on_user_id ON posts (user_id);"
        "CREATE UNIQUE INDEX index_posts_on_user_id_and_id ON posts (user_id, id)",
    ),
    Case(
        "8.0",
        "create_table :events, id: false, options: 'PARTITION BY RANGE (at)' do |t|\n  t.date :at\nend",
        "CREATE TABLE events (at date) PARTITION BY RANGE (at)",
    ),
    Case(
        "8.0",
        "create_join_table :users, :posts",
        "CREATE TABLE posts_users (user_id bigint NOT NULL, post_id bigint NOT NULL)",
    ),
    Case(
        "5.0",
        "create_join_table :users, :posts do |t|\n  t.index :post_id\nend",
        "CREATE TABLE posts_users (user_id integer NOT NULL, post_id integer NOT NULL);"
        "CREATE INDEX index_posts_users_on_post_id ON posts_users (post_id)",
    ),
    Case(
        "8.0",
        "change_table :users do |t|\n  t.string :a, :b\n  t.remove :c\n  t.rename :d, :e\n  t.index :a\nend",
        "ALTER TABLE users ADD a varchar; ALTER TABLE users ADD b varchar; ALTER TABLE users DROP COLUMN c;"
        "ALTER TABLE users RENAME COLUMN d TO e; CREATE INDEX index_users_on_a ON users (a)",
    ),
    Case(
        "8.0",
        "change_table :users, bulk: true do |t|\n  t.string :a\n  t.remove :c\n  t.change :d, :bigint\n"
        "  t.change_null :d, false\n  t.index :a\n  t.timestamps\nend",
        "ALTER TABLE users ADD a varchar, DROP COLUMN c, ALTER COLUMN d TYPE bigint, ALTER COLUMN d SET NOT NULL;"
        "CREATE INDEX index_users_on_a ON users (a);"
        "ALTER TABLE users ADD created_at timestamp(6) NOT NULL, ADD updated_at timestamp(6) NOT NULL",
    ),
)
