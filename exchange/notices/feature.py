"""What the room `notices` gives the application."""

from exchange.access.agenda import Agendas
from exchange.access.asker import Askers
from exchange.audit.services import Audit
from exchange.config import Config
from exchange.db import Database
from exchange.logs.faults import Faults
from exchange.notices.api import api
from exchange.notices.concerns import Concerning
from exchange.notices.mail import Mailer, SmtpMailer, read_server
from exchange.notices.pages import blueprint as pages
from exchange.notices.services import Notices
from exchange.web.caller import KeyDirectory
from exchange.web.feature import Background, Feature
from exchange.web.services import Clock, Services

_LOOK_SECONDS = 600


def _build(services: Services) -> None:
    config = services.get(Config)

    def directory() -> KeyDirectory:
        return services.get(KeyDirectory)

    server = read_server(config.smtp_url) if config.smtp_url else None
    services.put(Mailer, SmtpMailer(server, config.mail_from, services.get(Clock)))
    concerning = Concerning(services.get(Agendas), services.get(Askers))
    notices = Notices(
        services.get(Database),
        directory,
        services.get(Audit),
        services.get(Mailer),
        concerning.of,
        config.public_url,
        services.get(Faults),
    )
    services.put(Notices, notices)


def _send(services: Services) -> None:
    services.get(Notices).send_due()


FEATURE = Feature(
    "notices",
    build=_build,
    blueprints=(api, pages),
    background=(Background("notices", lambda _config: _LOOK_SECONDS, _send),),
)
