"""`python -m exchange.migrations.make`: write revision 0001 anew from the models.

Only while nothing is released: an instance that ran an older 0001 cannot follow. After the first release a change of
tables is a new revision (`MESSAGE` as argument), and 0001 is never touched again.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from exchange.db import Database
from exchange.migrations.run import HERE, settings, upgrade

_ANY_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)  # nothing in a revision depends on the clock


def main(arguments: list[str]) -> int:
    """Write 0001 anew, or with one argument the next revision of that description; print the file's path."""
    versions = HERE / "versions"
    if arguments:
        number = len(list(ScriptDirectory.from_config(settings()).walk_revisions())) + 1
        message = arguments[0]
    else:
        number, message = 1, "the tables of the first version"
        for old in versions.glob("*.py"):
            old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder).resolve() / 'empty.sqlite'}", lambda: _ANY_MOMENT)
        upgrade(database)
        with database.looking() as connection:
            config = settings(connection)
            config.set_main_option("file_template", "%%(rev)s")
            script = command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04d}")
        database.dispose()
    print(script.path if script is not None and not isinstance(script, list) else script)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
