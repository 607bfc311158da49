"""Transparency logs: hashing, proving, ordering and signing (docs/spec/log-tree.md). No HTTP, no tables."""
