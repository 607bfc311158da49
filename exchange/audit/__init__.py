"""Every act's entry in the audit log: its views, the chains they are sealed by, signed statements with their tickets."""
