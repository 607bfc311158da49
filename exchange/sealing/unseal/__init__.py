"""PRIVATE HALF, imported by the client alone: everything that turns sealed bytes into readable ones."""
