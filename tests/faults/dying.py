"""The application as `wsgi` makes it, but for points at which it dies: `flask --app tests.faults.dying serve`.

FAULT_ARMED names the file in which a test writes points separated by spaces; passing them in this order kills the whole
group of processes, or with FAULT_ALONE=1 only the one that passed the last. FAULT_TRACE: while this file exists, every
point passed is noted in it.
"""

import os
from pathlib import Path

from exchange import create_app, wiring
from exchange.config import from_environment
from exchange.db import Database
from exchange.logs.faults import Faults
from exchange.logs.places import LogPlaces
from exchange.publications.files import PublicStore
from exchange.storage.pieces import PieceStore
from keys.custody import FileCustody
from tests.faults.points import Killing, KillingDatabase, KillingPlaces, public_store, store

faults = Killing(
    Path(os.environ["FAULT_ARMED"]), Path(os.environ["FAULT_TRACE"]), alone=os.environ.get("FAULT_ALONE") == "1"
)
KillingDatabase.faults = KillingPlaces.faults = faults
config = from_environment(os.environ)
app = create_app(
    config,
    replace={
        Faults: faults,
        Database: KillingDatabase(config.database_url, wiring.SystemClock().now),
        LogPlaces: KillingPlaces(config.logs_dir, FileCustody.load(config.custody_file)),
        PieceStore: store(config, faults),
        PublicStore: public_store(config, faults),
    },
)
