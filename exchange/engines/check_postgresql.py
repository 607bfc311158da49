"""What `flask fsck` asks a PostgreSQL server: whether it keeps what it acknowledged, and whether rows still fit together.

Indexes are compared with their tables where the extension amcheck is installed and this user may call it.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

OLDEST: Final = 14
# setting -> (the value that is safe, what any other costs). synchronous_commit is set by every connection of ours.
_SETTINGS: Final = {
    "fsync": ("on", "a power cut can lose what was acknowledged, or damage everything"),
    "full_page_writes": ("on", "a power cut can damage pages that are being written"),
    "zero_damaged_pages": ("off", "a damaged page is taken for an empty one"),
    "ignore_checksum_failure": ("off", "a damaged page is read as if it were sound"),
}
_FOREIGN_KEYS: Final = text("""
    select c.conname, c.convalidated, c.conrelid::regclass::text, c.confrelid::regclass::text,
        (select string_agg(format('f.%I = t.%I', a.attname, b.attname), ' and ')
            from unnest(c.conkey, c.confkey) as k(here, there)
            join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.here
            join pg_attribute b on b.attrelid = c.confrelid and b.attnum = k.there),
        (select string_agg(format('f.%I is not null', a.attname), ' and ')
            from unnest(c.conkey) as k(here) join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.here)
    from pg_constraint c join pg_namespace n on n.oid = c.connamespace
    where c.contype = 'f' and n.nspname = current_schema() order by c.conname
""")
_INDEXES: Final = text("""
    select i.indexrelid::regclass::text, i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid
    join pg_am m on m.oid = c.relam join pg_namespace n on n.oid = c.relnamespace
    where m.amname = 'btree' and n.nspname = current_schema() order by 1
""")
_AMCHECK: Final = text("""
    select format('%I.bt_index_check', n.nspname) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.proname = 'bt_index_check' and p.pronargs = 2 and has_function_privilege(p.oid, 'execute')
""")


def check(connection: Connection) -> Iterator[str]:
    """Yield each finding in plain words; empty for a server that can be relied on and tables that fit together."""
    yield from _check_server(connection)
    yield from _check_foreign_keys(connection)
    yield from _check_indexes(connection)


def _check_server(connection: Connection) -> Iterator[str]:
    version = int(connection.scalar(text("show server_version_num")) or 0) // 10_000
    if version < OLDEST:
        yield f"the server is PostgreSQL {version}; this exchange needs {OLDEST} or newer"
    encoding = connection.scalar(text("show server_encoding"))
    if encoding != "UTF8":
        yield f"the database's encoding is {encoding}, not UTF8"
    if connection.scalar(text("select pg_is_in_recovery()")):
        yield "the server is a standby: it takes no writes"
    for name, (safe, cost) in _SETTINGS.items():
        value = connection.scalar(text("select current_setting(:name)"), {"name": name})
        if value != safe:
            yield f"the server's {name} is '{value}', not '{safe}': {cost}"


def _check_foreign_keys(connection: Connection) -> Iterator[str]:
    for name, valid, here, there, same, named in connection.execute(_FOREIGN_KEYS).all():
        if not valid:
            yield f"the constraint '{name}' was never checked on the rows that were there before it"
        # The names were quoted by the server itself.
        counted = f"select count(*) from {here} f where {named} and not exists (select from {there} t where {same})"  # noqa: S608
        missing = connection.scalar(text(counted))
        if missing:
            yield f"{missing} row(s) of '{here}' name a row of '{there}' that is not there"


def _check_indexes(connection: Connection) -> Iterator[str]:
    amcheck = connection.scalar(_AMCHECK)
    for name, valid in connection.execute(_INDEXES).all():
        if not valid:
            yield f"the index '{name}' is not valid: it is not used, and what it keeps unique may be there twice"
        elif amcheck is not None:
            yield from _compare_index(connection, amcheck, name)


def _compare_index(connection: Connection, amcheck: str, name: str) -> Iterator[str]:
    try:
        with connection.begin_nested():
            connection.execute(text(f"select {amcheck}(cast(:name as regclass), true)"), {"name": name})
    except DBAPIError as error:
        yield f"the index '{name}' does not fit its table: {type(error.orig).__name__}"
