"""What people read, one folder a language; `check` compares the folders."""
