"""Messages leave by a real SMTP server: in the clear on this machine alone, else under TLS that is checked."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange.notices.errors import MailFailedError
from exchange.notices.mail import MailServer, SmtpMailer, read_server
from tests.smtp import NAME, certificate, post_office
from tests.web.support import StillClock

CLOCK = StillClock(datetime(2026, 3, 2, 5, 0, tzinfo=UTC))
# The test server does not count TLS from the first byte as TLS.
NO_WARNING = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
QUOTED = "us:a%2Fsecret"


def mailer(url: str, trust: object = None) -> SmtpMailer:
    """A mailer through the server at `url`."""
    return SmtpMailer(read_server(url), "notices@exchange.example", CLOCK, trust)  # type: ignore[arg-type]


def test_an_address_of_a_server_is_read_with_its_usual_port() -> None:
    """Percent-encoded name and password, and the port each kind has."""
    assert read_server(f"smtps://{QUOTED}@mail.example") == MailServer("smtps", "mail.example", 465, "us", "a/secret")
    assert read_server("smtp+starttls://mail.example") == MailServer("smtp+starttls", "mail.example", 587)
    assert read_server("smtp://localhost:2525") == MailServer("smtp", "localhost", 2525)
    assert "secret" not in repr(read_server(f"smtps://{QUOTED}@mail.example"))


def test_a_message_arrives_as_it_was_written() -> None:
    """Whom it is from and to, when, in which language; no machine is to answer; no name of a machine is in it."""
    with post_office() as post:
        mailer(f"smtp://127.0.0.1:{post.port}").send("anna@body.example", "Avis", "À voir.\n", "fr")
    message = post.messages[0]
    assert {name: message[name] for name in ("From", "To", "Subject", "Date", "Content-Language", "Auto-Submitted")} == {
        "From": "notices@exchange.example",
        "To": "anna@body.example",
        "Subject": "Avis",
        "Date": "Mon, 02 Mar 2026 05:00:00 +0000",
        "Content-Language": "fr",
        "Auto-Submitted": "auto-generated",
    }
    assert message["Message-ID"].endswith("@exchange.example>")
    assert message.get_content() == "À voir.\n"


@NO_WARNING
@pytest.mark.parametrize("at_once", [True, False])
def test_under_tls_a_name_and_password_are_given(tmp_path: Path, at_once: bool) -> None:
    """smtps, and STARTTLS before anything is said."""
    own, trusting = certificate(tmp_path)
    scheme = "smtps" if at_once else "smtp+starttls"
    with post_office(tls=own, at_once=at_once) as post:
        mailer(f"{scheme}://{QUOTED}@localhost:{post.port}", trusting).send("anna@body.example", "Notice", "x", "en")
        assert len(post.messages) == 1
        with pytest.raises(MailFailedError):
            mailer(f"{scheme}://{NAME}:wrong@localhost:{post.port}", trusting).send("a@b.example", "Notice", "x", "en")
        assert len(post.messages) == 1


@NO_WARNING
@pytest.mark.parametrize("at_once", [True, False])
def test_a_certificate_that_nobody_trusts_gets_nothing(tmp_path: Path, at_once: bool) -> None:
    """The system's certificates count, and this one is not among them."""
    own, _trusting = certificate(tmp_path)
    scheme = "smtps" if at_once else "smtp+starttls"
    with post_office(tls=own, at_once=at_once) as post:
        with pytest.raises(MailFailedError):
            mailer(f"{scheme}://{QUOTED}@localhost:{post.port}").send("anna@body.example", "Notice", "x", "en")
    assert post.messages == []


def test_a_server_without_tls_is_not_spoken_to_where_tls_is_due() -> None:
    """STARTTLS that is not offered ends the attempt: nothing is sent in the clear."""
    with post_office() as post, pytest.raises(MailFailedError):
        mailer(f"smtp+starttls://127.0.0.1:{post.port}").send("anna@body.example", "Notice", "x", "en")
    assert post.messages == []


def test_no_failure_holds_an_address(caplog: pytest.LogCaptureFixture) -> None:
    """A server that refuses repeats the address; our error does not, nor does a line of the log."""
    caplog.set_level(logging.DEBUG, "exchange")
    with post_office() as post:
        post.refuses = True
        with pytest.raises(MailFailedError) as caught:
            mailer(f"smtp://127.0.0.1:{post.port}").send("anna@body.example", "Notice", "x", "en")
    assert "anna" not in str(caught.value) and "anna" not in caplog.text
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    with pytest.raises(MailFailedError):
        mailer(f"smtp://127.0.0.1:{post.port}").send("anna@body.example", "Notice", "x", "en")


def test_without_a_server_nothing_is_offered() -> None:
    """And nothing is sent."""
    without = SmtpMailer(None, "", CLOCK)
    assert not without.offered
    with pytest.raises(MailFailedError):
        without.send("anna@body.example", "Notice", "x", "en")
