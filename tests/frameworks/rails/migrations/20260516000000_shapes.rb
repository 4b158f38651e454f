# frozen_string_literal: true

class Shapes < ActiveRecord::Migration[7.1]
  disable_ddl_transaction!

  TABLES = %i[events visits].freeze
  LIMITS = { events: 10, visits: 20 }.freeze

  class Event < ActiveRecord::Base
    self.table_name = "app_events"
  end

  def up
    TABLES.each do |table|
      add_column table, :note, :string, limit: LIMITS[table]
    end

    reversible do |dir|
      dir.up { execute "UPDATE events SET note = 'x' WHERE note IS NULL" }
      dir.down { execute "UPDATE events SET note = NULL" }
    end

    create_table :posts, id: :uuid, force: :cascade do |t|
      t.references :author, null: false, foreign_key: { to_table: :users }
      t.string :title, default: "", null: false, index: { unique: true }
      t.jsonb :data, default: {}
      t.timestamps
    end

    safety_assured do
      execute <<~SQL
        ALTER TABLE posts
          ADD COLUMN "länge" integer;
        CREATE INDEX CONCURRENTLY index_posts_on_title ON posts (title);
      SQL
    end

    Event.in_batches(of: 1_000) { |batch| batch.update_all(note: "y") }
    fill(:events, limit: 5) unless column_exists?(:events, :filled)
  end

  def down
    raise ActiveRecord::IrreversibleMigration
  end

  private

  def fill(table, limit: 10)
    change_column_null table, :note, false, "none"
    execute("DELETE FROM #{table} WHERE id < #{limit} AND note = '#{ENV.fetch("NOTE")}'")
  end
end
