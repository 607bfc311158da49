"""E-mail without content, to those who asked for it: that there is something to see, and nothing about it."""
