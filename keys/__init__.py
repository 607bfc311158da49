"""What a key is, and who holds it. Pure: no web, no database, nothing else of ours."""
