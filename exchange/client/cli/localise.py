"""Help texts in the person's language: `help.directory_sync` for a command, `help.option.passphrase_file` for an option.

Where the catalogue has no entry, what stands beside the command in the code is shown.
"""

import click

from exchange.texts import has, say


def localise(command: click.Command, language: str, path: str = "") -> None:
    """Put the catalogue's help into a command and everything below it."""
    key = f"help.{path or 'exchange'}"
    if has(key):
        command.help = say(key, language)
    for parameter in command.params:
        name = (parameter.name or "").replace("-", "_")
        own, shared = f"help.option.{path}.{name}", f"help.option.{name}"
        if isinstance(parameter, click.Option) and (has(own) or has(shared)):
            parameter.help = say(own if has(own) else shared, language)
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            localise(below, language, f"{path}_{name}".strip("_").replace("-", "_"))
