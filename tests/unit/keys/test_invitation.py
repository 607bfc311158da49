"""Invitations: a line to paste that names the right exchange, and a proof that only its holder can make."""

import hashlib
import hmac
from dataclasses import replace

import pytest

from keys.encoding import b64u, unb64u
from keys.errors import KeysError, MalformedError, UnknownVersionError
from keys.invitation import (
    PREFIX,
    Invitation,
    InvitationDamagedError,
    JoinProofError,
    check_invitation,
    check_join,
    parse_invitation,
)
from keys.replay_errors import KeyNotGoodError, OtherBodyError, UnknownOrganisationError, WrongExchangeError
from tests.unit.keys.directory_builder import Founding


@pytest.fixture
def world() -> Founding:
    """coe-cpt with two focal points."""
    world = Founding()
    world.add_organisation("coe-cpt", "mechanism")
    return world


@pytest.fixture
def invitation(world: Founding) -> Invitation:
    """An invitation by a focal point of coe-cpt."""
    return Invitation.new(world.directory.exchange, world.focal_points("coe-cpt")[0].sign.key_id, "coe-cpt")


def test_an_invitation_survives_the_mail(invitation: Invitation) -> None:
    """What was made is read back, also where a mail program wrapped the line."""
    text = invitation.text
    assert parse_invitation(text) == invitation
    assert parse_invitation(f"  {text[:60]}\r\n {text[60:]}\n") == invitation
    assert "\n" not in text
    assert "://" not in text
    assert len(text) < 200


def test_two_invitations_have_two_codes(invitation: Invitation) -> None:
    """A code has 128 bits and is drawn each time."""
    other = Invitation.new(invitation.root, invitation.inviter, "coe-cpt")
    assert len(invitation.code) == 16
    assert other.code != invitation.code


def test_the_code_shows_nowhere(invitation: Invitation) -> None:
    """Neither the repr nor an error about a damaged invitation holds the code."""
    assert repr(invitation.code) not in repr(invitation)
    assert "code" not in repr(invitation)
    with pytest.raises(InvitationDamagedError) as caught:
        parse_invitation(invitation.text[:-2])
    assert invitation.text[len(PREFIX) : len(PREFIX) + 20] not in str(caught.value)


def test_a_damaged_invitation_is_told_from_a_foreign_text(invitation: Invitation) -> None:
    """A lost or changed letter, another version and no invitation at all are three different errors."""
    text = invitation.text
    for damaged in (
        text[:-1],
        text[:-4],
        text[:40] + text[41:],
        text[:60] + ("A" if text[60] != "A" else "B") + text[61:],
    ):
        with pytest.raises(InvitationDamagedError):
            parse_invitation(damaged)
    data = unb64u(text[len(PREFIX) :])
    with pytest.raises(UnknownVersionError):
        parse_invitation(PREFIX + b64u(b"\x02" + data[1:]))
    for foreign in ("", "exchange", "https://exchange.example/join?code=1", "exchange-invitation"):
        with pytest.raises(MalformedError):
            parse_invitation(foreign)


@pytest.mark.parametrize("body", ["X", "no_such", "a" * 41, "state:x", ""])
def test_an_invitation_names_a_body_as_the_directory_spells_it(invitation: Invitation, body: str) -> None:
    """No invitation is made, printed or parsed for a body that cannot exist."""
    with pytest.raises(MalformedError):
        Invitation.new(invitation.root, invitation.inviter, body)
    with pytest.raises(MalformedError):
        _ = replace(invitation, organisation=body).text


@pytest.mark.parametrize("field", ["code", "root", "inviter"])
def test_an_invitation_has_its_lengths(invitation: Invitation, field: str) -> None:
    """A code, root or key id of another length makes no text."""
    with pytest.raises(MalformedError):
        _ = replace(invitation, **{field: b"short"}).text


def test_the_server_and_the_inviter_can_check_what_the_formats_fix(world: Founding, invitation: Invitation) -> None:
    """Code hash and join proof are SHA-256 and HMAC-SHA256 under their labels."""
    assert invitation.code_hash == hashlib.sha256(b"exchange/invitation/v1\0" + invitation.code).digest()
    statement = world.enrolment(world.person("coe-cpt"))
    expected = hmac.digest(invitation.code, b"exchange/join/v1\0" + statement.hash, "sha256")
    assert invitation.join_proof(statement.hash) == expected


def test_a_joiner_checks_the_directory_before_trusting_it(world: Founding, invitation: Invitation) -> None:
    """Another exchange, a body that is not there and an inviter who is no focal point now are refused."""
    check_invitation(invitation, world.directory)
    officer = world.enrol("coe-cpt")
    refused: list[tuple[Invitation, type[KeysError]]] = [
        (replace(invitation, root=bytes(32)), WrongExchangeError),
        (replace(invitation, organisation="npm-xa"), UnknownOrganisationError),
        (replace(invitation, inviter=officer.sign.key_id), KeyNotGoodError),
        (replace(invitation, inviter=bytes(32)), KeyNotGoodError),
        (replace(invitation, inviter=world.focal_points("coe-cpt")[0].seal.key_id), KeyNotGoodError),
    ]
    for wrong, error in refused:
        with pytest.raises(error):
            check_invitation(wrong, world.directory)
    world.epoch("coe-cpt")
    world.leave(world.focal_points("coe-cpt")[0])
    with pytest.raises(KeyNotGoodError):
        check_invitation(invitation, world.directory)


def test_an_inviter_signs_only_what_the_holder_of_the_code_asked_for(world: Founding, invitation: Invitation) -> None:
    """A request with another code, for another statement, body, exchange or kind is not signed."""
    person = world.person("coe-cpt")
    statement = world.enrolment(person).signed_by(person.sign)
    kind = check_join(invitation, statement, invitation.join_proof(statement.hash))
    assert kind.officer == person.named
    world.submit(statement.signed_by(world.focal_points("coe-cpt")[0].sign))

    other = world.enrolment(world.person("coe-cpt"))
    elsewhere = world.enrolment(world.person("un-spt"))
    epoch = world.epoch("coe-cpt", submit=False)
    foreign = replace(invitation, root=bytes(32))
    cases: list[tuple[Invitation, bytes, object, type[KeysError]]] = [
        (invitation, invitation.join_proof(statement.hash), other, JoinProofError),
        (replace(invitation, code=bytes(16)), invitation.join_proof(other.hash), other, JoinProofError),
        (invitation, b"", other, JoinProofError),
        (invitation, invitation.join_proof(elsewhere.hash), elsewhere, OtherBodyError),
        (invitation, invitation.join_proof(epoch.hash), epoch, MalformedError),
        (foreign, foreign.join_proof(other.hash), other, WrongExchangeError),
    ]
    for card, proof, asked, error in cases:
        with pytest.raises(error):
            check_join(card, asked, proof)  # type: ignore[arg-type]
