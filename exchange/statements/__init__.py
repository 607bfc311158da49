"""Signed sentences of the exchange, one file a label: what each must hold, how it is built, read and verified."""
