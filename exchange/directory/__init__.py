"""The directory as the server keeps it: statements, what lies beside them, invitations. Decisions are `keys.replay`'s."""
