"""`exchange …`: what an officer types. Each file holds one group of commands; `app` is what they share."""
