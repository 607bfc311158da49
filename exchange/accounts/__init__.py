"""Who may speak to the server: tokens for programs, passwords and sessions for pages."""
