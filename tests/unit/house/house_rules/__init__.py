"""The house rules, as programs: each rule takes the project's files and yields the places that break it."""
