"""What travels between people: cards, foundings, proposals, invitations, requests to join."""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from exchange.client import kept_invitations
from exchange.client.assertion import make_assertion
from exchange.client.cards import Card, own_card, read_card, write_card
from exchange.client.errors import (
    CardError,
    InvitationNotKeptError,
    NothingToSignError,
    OwnKeysError,
    ServerDiffersError,
    UsageError,
)
from exchange.client.founding import check_halves, found, read_halves, remember
from exchange.client.home import Home
from exchange.client.identity import Profile
from exchange.client.joining import check_joined, load_joining, request
from exchange.client.pins import HomePins, save_pins
from exchange.client.proposals import check_proposal, cosign, missing, read_proposal, write_proposal
from exchange.client.server_file import Server, load_server
from keys.directory_root import Root
from keys.encoding import b64u
from keys.errors import KeysError, MalformedError
from keys.invitation import Invitation
from keys.replay_errors import BrokenChainError, KeyNotGoodError, SignersMissingError, WrongExchangeError
from keys.replay_pins import Pins
from tests.unit.client.fake_exchange import officer_of
from tests.unit.keys.directory_builder import START, Founding, Person


@pytest.fixture(scope="module")
def world() -> Founding:
    """Six bodies."""
    return Founding.started()


def profile_of(person: Person) -> Profile:
    """A person's profile as their home keeps it."""
    return Profile(person.stop.public, person.salt, person.profile)


def card_of(person: Person) -> Card:
    """A person's card."""
    return own_card(officer_of(person), profile_of(person), person.organisation)


def halves_of(world: Founding) -> dict[str, Any]:
    """What the operator of this world hands over."""
    root = world.directory.root
    logs = {name: {"n": log.n, "ed25519": log.ed25519, "mldsa44": log.mldsa44} for name, log in root.logs.items()}
    lock = {"id": b64u(world.lock.key_id), "public": b64u(world.lock.public)}
    return {"instance": world.instance, "url": "http://localhost:8443", "logs": logs, "lock_key": lock}


def test_a_card_is_read_back_and_any_change_found(world: Founding) -> None:
    """Names and keys are those of the holder; a changed letter anywhere makes it no card."""
    person = world.founders[0]
    data = write_card(officer_of(person), card_of(person))
    card = read_card(data)
    assert card.named == person.named and dict(card.keys) == person.public
    assert card.founder("coe-cpt") == person.founder
    body = json.loads(data)
    changes = {"organisation": "un-spt", "officer": b64u(bytes(16)), "version": 2, "profile": b64u(bytes(32))}
    for name, value in changes.items():
        with pytest.raises(CardError):
            read_card(json.dumps({**body, name: value}, sort_keys=True, separators=(",", ":")).encode())
    for cut in (b"", data[:-9], data.replace(b'"sign"', b'"sigm"'), b"\xff" + data):
        with pytest.raises(CardError):
            read_card(cut)


def test_a_founding_needs_every_founder_and_no_other(world: Founding) -> None:
    """The proposal is complete when all have signed; a third person has nothing to sign."""
    one, two = world.founders[0], world.founders[-1]
    halves = read_halves(json.dumps(halves_of(world)).encode())
    cards = [("coe-cpt", card_of(one)), ("un-spt", card_of(two))]
    proposal = found(halves, cards, "coe-cpt", 2, officer_of(one), START)
    assert missing(proposal, None) == 1
    check_proposal(proposal, None, START, lambda kid: None, complete=False)
    with pytest.raises(SignersMissingError):
        check_proposal(proposal, None, START, lambda kid: None, complete=True)
    with pytest.raises(NothingToSignError):
        cosign(proposal, officer_of(one), None)
    with pytest.raises(NothingToSignError):
        cosign(proposal, officer_of(world.founders[1]), None)
    signed, kinds = cosign(read_proposal(write_proposal(proposal)), officer_of(two), None)
    assert missing(signed, None) == 0 and isinstance(kinds[0], Root)
    check_proposal(signed, None, START, lambda kid: None, complete=True)
    check_halves(halves, kinds[0])
    with pytest.raises(UsageError):
        found(halves, cards, "coe-cpt", 2, officer_of(world.founders[1]), START)
    with pytest.raises(MalformedError):
        found(halves, cards, "coe-cpt", 3, officer_of(one), START)


def test_a_founder_signs_for_the_server_they_were_told(world: Founding) -> None:
    """Another lock key, log key or name in server.json than in `root` is found before signing."""
    root = world.directory.root
    for change in ("instance", "lock_key", "logs"):
        body, other = halves_of(world), halves_of(Founding("other.example"))
        if change == "lock_key":
            person = world.founders[0]
            other["lock_key"] = {"id": b64u(person.seal.key_id), "public": b64u(person.seal.public)}
        with pytest.raises(ServerDiffersError):
            check_halves(read_halves(json.dumps({**body, change: other[change]}).encode()), root)
    wrong = {**halves_of(world), "lock_key": {"id": b64u(bytes(32)), "public": "AA"}}
    for damaged in (b"", b"[]", json.dumps(wrong).encode()):
        with pytest.raises(KeysError):
            read_halves(damaged)


def test_a_home_that_verified_one_exchange_takes_no_other(tmp_path: Path) -> None:
    """Before the first sync a correction is possible; afterwards only another address."""
    home = Home(tmp_path / "home")
    remember(home, Server("http://localhost:1", b"a" * 32))
    remember(home, Server(None, b"b" * 32))
    assert load_server(home) == Server("http://localhost:1", b"b" * 32)
    save_pins(home, HomePins(Pins(b"b" * 32, 1, bytes(32))))
    with pytest.raises(ServerDiffersError):
        remember(home, Server(None, b"c" * 32))
    remember(home, Server("https://moved.example", None))
    assert load_server(home) == Server("https://moved.example", b"b" * 32)


def test_who_has_no_part_in_a_proposal_cannot_sign_it(world: Founding) -> None:
    """A mandate of the NPM is for its focal points alone; a founder has nothing to sign in it."""
    npm = world.focal_points("npm-xa")
    proposal = world.submission(world.mandate(npm[0], focal_point=True, signers=[npm[0]], submit=False))
    with pytest.raises(NothingToSignError):
        cosign(proposal, officer_of(world.founders[0]), world.directory)
    signed, _ = cosign(proposal, officer_of(npm[1]), world.directory)
    check_proposal(signed, world.directory, world.now, world.public.get, complete=True)


def test_a_proposal_that_was_overtaken_is_refused_here(world: Founding) -> None:
    """What does not fit the verified directory is found before it is sent."""
    late = Founding.started()
    proposal = late.submission(late.epoch("un-spt", submit=False))
    late.epoch("un-spt")
    with pytest.raises(BrokenChainError):
        check_proposal(proposal, late.directory, late.now, late.public.get, complete=True)


def test_invitations_are_kept_for_their_maker_alone(world: Founding, tmp_path: Path) -> None:
    """They open with the maker's key and no other, are never in the clear, and are gone when used."""
    home, maker = Home(tmp_path / "home"), world.focal_points("coe-cpt")[0]
    invitation = Invitation.new(world.directory.exchange, maker.sign.key_id, "coe-cpt")
    kept_invitations.keep(home, officer_of(maker), invitation)
    assert kept_invitations.kept(home, officer_of(maker), invitation.code_hash) == invitation
    data = b"".join(path.read_bytes() for path in home.root.rglob("*") if path.is_file())
    assert invitation.code not in data and invitation.text.encode() not in data
    kept_invitations.forget(home, invitation.code_hash)
    with pytest.raises(InvitationNotKeptError):
        kept_invitations.kept(home, officer_of(maker), invitation.code_hash)


def test_a_request_to_join_is_made_once_and_keeps_no_code(world: Founding, tmp_path: Path) -> None:
    """The same invitation gives the same enrolment again; the code is in no file."""
    home, joiner = Home(tmp_path / "home"), world.person("npm-xa")
    invitation = Invitation.new(world.directory.exchange, world.focal_points("npm-xa")[0].sign.key_id, "npm-xa")
    first = request(home, officer_of(joiner), profile_of(joiner), invitation, world.now)
    again = request(home, officer_of(joiner), profile_of(joiner), invitation, world.now.replace(year=2027))
    assert first == again == load_joining(home)
    kept = (home.root / "joining.json").read_bytes()
    assert invitation.code not in kept and b64u(invitation.code).encode() not in kept


def test_what_one_joined_is_what_the_invitation_said(tmp_path: Path) -> None:
    """After the enrolment: right exchange, right body, and an inviter who belongs to it."""
    world = Founding.started()
    inviter = world.focal_points("npm-xa")[0]
    joiner = world.enrol("npm-xa")
    cases: list[tuple[bytes, bytes, str, type[Exception] | None]] = [
        (world.directory.exchange, inviter.sign.key_id, "npm-xa", None),
        (bytes(32), inviter.sign.key_id, "npm-xa", WrongExchangeError),
        (world.directory.exchange, inviter.sign.key_id, "un-spt", OwnKeysError),
        (world.directory.exchange, world.founders[0].sign.key_id, "npm-xa", KeyNotGoodError),
    ]
    for place, (exchange, kid, body, error) in enumerate(cases):
        home = Home(tmp_path / str(place))
        invitation = Invitation.new(exchange, kid, body)
        joining = request(home, officer_of(joiner), profile_of(joiner), invitation, world.now)
        if error is None:
            check_joined(joining, world.directory, officer_of(joiner))
        else:
            with pytest.raises(error):
                check_joined(joining, world.directory, officer_of(joiner))


def test_an_assertion_is_what_the_server_reads(world: Founding) -> None:
    """joserfc, another implementation, verifies it; claims and header are those of docs/http.md; ids never repeat."""
    person = world.founders[0]
    made = [make_assertion(person.officer, person.sign, "https://a.example/oauth/token", START) for _ in range(2)]
    public = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": b64u(person.sign.public)})
    tokens = [jwt.decode(text, public, algorithms=["Ed25519"]) for text in made]
    assert tokens[0].header == {"alg": "Ed25519", "typ": "client-authentication+jwt", "kid": b64u(person.sign.key_id)}
    claims = tokens[0].claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == (person.id, person.id, "https://a.example/oauth/token")
    assert claims["exp"] - claims["iat"] == 60 and claims["iat"] == int(START.timestamp())
    assert tokens[0].claims["jti"] != tokens[1].claims["jti"] and len(claims["jti"]) >= 16
