"""The demonstration: the whole story told with a real server and the real commands. Not part of the product."""
