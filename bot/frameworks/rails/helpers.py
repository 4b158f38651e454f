"""Methods that only wrap a block, and methods that change nothing in the database."""

import re

_WRAPPERS = frozenset(
    """safety_assured say_with_time suppress_messages disable_statement_timeout without_statement_timeout
    with_statement_timeout with_lock_timeout without_lock_timeout without_timeout safely_acquire_lock_for_table
    adjust_lock_timeout adjust_statement_timeout silence_stream with_suppressed_logs ignore_missing tap then loop catch
    with_connection silence_warnings uncached cache unprepared_statement no_touching suppress measure realtime benchmark
    skip_bulk_operations without_foreign_key_checks within_new_transaction bm with_restored_connection_stack
    restrict_database_to with_options up_only with_advisory_lock connected_to on_shard with_locale unscoped
    without_versioning without_auditing without_locking disable_referential_integrity begin_atomic""".split()
)
_TRANSACTIONS = frozenset("transaction with_lock_retries within_transaction".split())
_SILENT = frozenset(
    """say puts p print pp raise warn return next break require require_relative require_dependency include extend
    prepend sleep logger disable_ddl_transaction! disable_lock_timeout! disable_statement_timeout! freeze
    reset_column_information set_table_name self attr_accessor private public protected restrict_gitlab_migration
    milestone enable_lock_retries! enable_lock_retries announce info debug error flush fail abort exit
    reset_column_information! schema_cache clear! clear_cache! clear_data_source_cache! reload lambda proc binding
    instance_variable_set clear_query_cache quote_table_name quote_column_name quote quote_string class_eval
    load_async reset_cache stdout has_many belongs_to has_one scope validates serialize enum default_scope
    has_and_belongs_to_many accepts_nested_attributes_for delegate attr_reader attr_writer block_given! using
    safety_assured reset_pk_sequence! set_pk_sequence! set_trace_func at_exit trap format sprintf rand srand Integer
    String Array Float stop_tracking columns tables indexes data_sources views primary_key foreign_keys
    check_constraints current_database connection version name migrations_paths exit! method caller __method__
    not_null_check initialize super proc_block write disable_lock_retries! safe_pg_migrations_verbose
    skip_require_disable_ddl_transactions! allow_cross_joins_across_databases lease_connection native_database_types
    create_virtual_table set_client_encoding reset! reconnect! verify! disconnect! enable_query_cache!
    announcement log_migration suppress_messages stream_logger time irreversible_migration""".split()
)
_OTHER_DATABASES = re.compile(r"mysql|sqlite|oracle|mssql|sqlserver|mariadb|trilogy", re.IGNORECASE)
_POSTGRES = re.compile(r"postgres|postgis", re.IGNORECASE)


def is_wrapper(method: str) -> bool:
    """Whether the method only runs its block."""
    return method in _WRAPPERS


def opens_transaction(method: str) -> bool:
    """Whether the method runs its block in a transaction."""
    return method in _TRANSACTIONS


def is_silent(method: str) -> bool:
    """Whether the method changes nothing in the database."""
    return method in _SILENT or method.endswith("?")


def plain_method(method: str) -> str | None:
    """The method after a prefix of pg_ha_migrations and the like, None where there is no prefix."""
    for prefix in ("safe_", "unsafe_", "raw_"):
        if method.startswith(prefix):
            return method.removeprefix(prefix)
    return None


def asks_for_postgres(condition: str) -> bool | None:
    """Whether a condition on the adapter holds on PostgreSQL, None where it tests something else."""
    text = condition.strip()
    other, postgres = _OTHER_DATABASES.search(text), _POSTGRES.search(text)
    if (other is None) == (postgres is None) or "&&" in text or "||" in text or " and " in text:
        return None
    negated = text.startswith(("!", "not ")) or "!=" in text or "!~" in text
    return (postgres is not None) is not negated
