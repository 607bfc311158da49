"""Who may do what, given which consent: facts in, decision out. Reads no clock, no database and nothing of ours."""
