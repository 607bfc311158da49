"""Notes on paper for States that do not sign here themselves: a form that says neither more nor less than an instrument."""
