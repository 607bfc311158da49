"""The application for any WSGI server: `gunicorn wsgi:app`, `flask --app wsgi …`. Settings come from the environment."""

import os
import sys

from exchange import create_app
from exchange.config import ConfigError, from_environment
from keys.errors import CustodyError

try:
    app = create_app(from_environment(os.environ))
except (ConfigError, CustodyError) as error:
    # An unsafe setting or key file is the operator's to mend, and the message says how: a traceback would bury it.
    sys.exit(f"{error.code}: {error}")
