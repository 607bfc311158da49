"""Both logs of the exchange: their tables, what is signed and published of them, and the files readers fetch."""
