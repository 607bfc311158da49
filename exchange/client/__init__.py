"""The officer's own program: keys, the verified directory, and every command of `exchange` (docs/spec/client.md)."""
