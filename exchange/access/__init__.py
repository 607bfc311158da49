"""Gathers facts, decides, records: the only room that knows reports *and* the register of consents (docs/spec/access.md)."""
