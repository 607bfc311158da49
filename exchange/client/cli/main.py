"""The whole program: every command, in the order in which help lists them."""

from exchange.client.cli.account import account
from exchange.client.cli.authority import authority
from exchange.client.cli.directory import directory
from exchange.client.cli.identity import identity
from exchange.client.cli.join import join
from exchange.client.cli.organisation import organisation
from exchange.client.cli.program import program, report
from exchange.client.cli.report_commands import COMMANDS as REPORT_COMMANDS

__all__ = ["main", "report"]

main = program((identity, directory, authority, organisation, join, account, *REPORT_COMMANDS))
