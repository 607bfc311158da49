"""What an entry of the audit log says, and who reads it. No HTTP, no tables; imports `keys` alone."""
