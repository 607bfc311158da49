"""The commands about reports, agreements of States and the log, in the order in which help lists them."""

from collections.abc import Sequence
from typing import Final

import click

from exchange.client.cli.approve import approve
from exchange.client.cli.audit import audit
from exchange.client.cli.consent import consent
from exchange.client.cli.note import note
from exchange.client.cli.outlook import coverage, today
from exchange.client.cli.publish import list_publications, made_public, publish, treaty_case, unpublish
from exchange.client.cli.reading import inbox, open_command, readers, sent, show
from exchange.client.cli.recall_acts import answer_recall, recall, recalls_command
from exchange.client.cli.report_acts import confirm, decide, explain, grant, lift, pending_command, stop
from exchange.client.cli.standing import standing
from exchange.client.cli.transmit import deposit

COMMANDS: Final[Sequence[click.Command]] = (
    deposit,
    inbox,
    sent,
    show,
    open_command,
    readers,
    explain,
    stop,
    lift,
    recall,
    answer_recall,
    recalls_command,
    grant,
    decide,
    standing,
    approve,
    publish,
    unpublish,
    list_publications,
    treaty_case,
    made_public,
    pending_command,
    confirm,
    consent,
    coverage,
    today,
    note,
    audit,
)
