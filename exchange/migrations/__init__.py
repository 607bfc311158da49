"""Alembic's migrations: they make exactly the tables the models describe (`make check-migrations`)."""
