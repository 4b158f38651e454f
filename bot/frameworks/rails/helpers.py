"""Helpers that gems add to migrations: what they send, and what only wraps a block."""

from collections.abc import Sequence

from bot.frameworks.rails.columns import Sent
from bot.frameworks.rails.schema_statements import Given, schema_statement

_WRAPPERS = frozenset(
    """safety_assured up_only say_with_time suppress_messages with_lock_retries disable_statement_timeout
    without_statement_timeout with_statement_timeout with_lock_timeout without_lock_timeout within_transaction
    safely_acquire_lock_for_table adjust_lock_timeout adjust_statement_timeout silence_stream with_suppressed_logs
    ignore_missing tap then loop catch ActiveRecord""".split()
)
_SILENT = frozenset(
    """say puts p print pp raise warn return next break require require_relative require_dependency include extend
    prepend sleep logger disable_ddl_transaction! disable_lock_timeout! disable_statement_timeout! reset_column_information
    set_table_name self attr_accessor private public protected restrict_gitlab_migration milestone enable_lock_retries!
    enable_lock_retries announce freeze info debug error flush fail abort exit table_exists? column_exists? index_exists?
    foreign_key_exists? index_name_exists? data_source_exists? extension_enabled? check_constraint_exists? view_exists?
    reset_column_information! schema_cache clear! clear_cache! clear_data_source_cache! reload nil? present? blank? any?
    lambda proc binding instance_variable_set clear_query_cache quote_table_name quote_column_name quote
    quote_string class_eval load_async reset_cache stdout""".split()
)


def is_wrapper(method: str) -> bool:
    """Whether the method only runs its block."""
    return method in _WRAPPERS


def is_silent(method: str) -> bool:
    """Whether the method changes nothing in the database."""
    return method in _SILENT or method.endswith("?")


def helper_call(method: str, given: Given) -> Sequence[Sent] | None:
    """The statements of a helper of a gem, None where it is not known."""
    plain = method.removeprefix("safe_").removeprefix("unsafe_")
    if plain != method:
        return schema_statement(plain, given)
    if method in ("add_concurrent_index", "remove_concurrent_index"):
        concurrent = Given(given.args, {**given.options, "algorithm": "concurrently"}, given.version)
        return schema_statement("add_index" if method.startswith("add") else "remove_index", concurrent)
    return None
