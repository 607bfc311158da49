"""The two database engines that an exchange runs on, SQLite and PostgreSQL, behind one small interface."""
