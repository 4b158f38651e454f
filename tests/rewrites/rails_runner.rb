# Applies and undoes migrations by Active Record: a question as JSON on each line, and an answer to each.
# Each is answered by a child of its own, because Active Record requires a file of migrations once.
require "logger"
require "json"
require "active_record"
require "active_record/connection_adapters/postgresql_adapter"

$stdout.sync = true
ActiveRecord::Migration.verbose = false

def answer_to(asked)
  ActiveRecord::Base.establish_connection(adapter: "postgresql", **asked["database"].transform_keys(&:to_sym))
  context = ActiveRecord::MigrationContext.new(asked["folder"], ActiveRecord::SchemaMigration)
  asked["verb"] == "up" ? context.up : context.rollback(1)
  {}
rescue Exception => trouble
  { "trouble" => "#{trouble.class}: #{trouble.message}" }
end

STDIN.each_line do |line|
  child = fork do
    puts JSON.generate(answer_to(JSON.parse(line)))
    exit!
  end
  Process.wait(child)
end
