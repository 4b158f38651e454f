"""Calls on the application's own classes: rows changed, work queued, or code in other files."""

import re
from collections.abc import Mapping

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.frameworks.rails.rows import ITERATIONS, table_of
from bot.frameworks.ruby.values import Call, Constant
from bot.frameworks.static.values import Value

_QUEUES = frozenset(
    """perform_async perform_later perform_in perform_at enqueue enqueue! enqueue_at enqueue_in delay set wait
    deliver_later bulk_perform_async perform_bulk push_bulk""".split()
)
_SETS_UP = frozenset(
    """skip_callback set_callback reset_callbacks no_touching without_auditing without_versioning disable enable
    reset_column_information unscoped transaction record_timestamps attr_readonly serialize inheritance_column has_many
    belongs_to has_one validates attribute enum connection new include extend class_eval instance_eval module_eval
    send public_send define_method alias_attribute lock where find_by find find_by_sql all first last count pluck
    exists? select order joins includes left_joins limit distinct group preload eager_load from none not or merge
    with_deleted only_deleted with_discarded unscope reorder rewhere references each_slice each_with_index to_a
    ids size length sum minimum maximum average column_names columns columns_hash attribute_names table_name index_by
    group_by to_sql primary_key readonly includes_values log puts name class to_s to_h to_i map collect flat_map
    respond_to? const_defined? const_get defined_enums translated_attribute_names establish_connection""".split()
)
_SERVICE = re.compile(
    r"(Service|Helper|Migrator|Updater|Builder|Importer|Creator|Client|Mailer|Command|Handler|Runner|Task|Generator|"
    r"Interactor|Indexer|Publisher|Converter|Seeder|Seeds?|Loader|Operation|Worker|Job|Processor|Manager|Fixer|"
    r"Migration|Populator|Cleaner|Utils?|Concern|API|Transformer|Factory)$|\A(?>.*(?:Backfill|Sync))\w*+$"
)
_RUNS = frozenset("call perform perform_now run run! execute process migrate work invoke".split())
_CHANGES = re.compile(
    r"(!|=)$|^(update|set|add|remove|create|delete|destroy|save|migrate|convert|reset|generate|mark|assign|publish|"
    r"build|change|copy|move|merge|fill|recalculate|refresh|sync|store|write|import|archive|enable|disable|attach|"
    r"detach|purge|clear|touch|backfill|populate|calculate|ensure|make|fix|clean|rebuild|save|upload|push|apply|"
    r"increment|decrement|toggle|replace|upgrade|give|index|reindex|cache|process|register|revoke|grant)(_|$)"
)
_LIBRARIES = frozenset(
    """Rails ActiveRecord Time Date DateTime ENV Set Logger Kernel YAML JSON SecureRandom Digest Benchmark Math String
    Array Hash Integer Float File Dir I18n ActionController Process GC ActiveSupport Etc Bundler Object Module Class
    Regexp Struct OpenStruct Proc Thread Parallel ProgressBar RubyProgressBar StrongMigrations Rake Sidekiq Zlib URI
    Net FileUtils Pathname Arel PG BCrypt OpenSSL Base64 CSV Timeout PaperTrail Searchkick Elasticsearch Redis
    Apartment Mysql2 TZInfo Money Psych SQLite3 Globalize ActiveJob ActionMailer ActiveModel Comparable
    ActiveStorage ActionText Sequel StringIO Random Rational BigDecimal Audited Chewy Delayed Resque Mutex""".split()
)


def application_call(call: Call, models: Mapping[str, str], shown: str) -> op.Operation | None:
    """What a call whose value is unused does to rows; None where it does nothing that matters."""
    constant = _root(call)
    if constant is None or constant.name.split("::")[0] in _LIBRARIES:
        return None
    if call.method in _QUEUES:
        return op.Harmless("work queued for later")
    if constant.name.startswith("Flipper"):
        return None if call.method.endswith("?") else op.Update(Name("flipper_gates"), by_application=True)
    table = table_of(call, models)
    last = constant.name.rpartition("::")[2]
    if _on_instance(call) and table is not None and not _SERVICE.search(last):
        return op.Update(table, by_application=True) if _CHANGES.search(call.method) else None
    if call.method in _SETS_UP or call.method.endswith("?"):
        return None
    if table is None or _SERVICE.search(last) or call.method in _RUNS:
        return op.Unread(f"runs code of the application that is not in this file: `{shown}`")
    return op.Update(table, by_application=True) if _CHANGES.search(call.method) else None


def _root(value: Value) -> Constant | None:
    while isinstance(value, Call) and value.receiver is not None:
        value = value.receiver
    return value if isinstance(value, Constant) else None


def _on_instance(call: Call) -> bool:
    """Whether the receiver is a row of a model or rows of it, not the class itself."""
    receiver = call.receiver
    return isinstance(receiver, Call) and (receiver.method in ITERATIONS or receiver.receiver is not None)
