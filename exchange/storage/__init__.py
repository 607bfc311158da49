"""Durable local storage: sealed pieces, and the lock that lines writers up."""
