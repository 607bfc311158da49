"""Reading back the directory a client cached (docs/spec/directory.md, section 11).

A cache holds no signatures, so it proves nothing: a client reads only the one it wrote itself, and compares exchange, size
and log root with its pins and with a checkpoint as after any replay.
"""

from collections.abc import Mapping
from typing import Any, Final

from keys import fields
from keys.directory_bodies import KINDS
from keys.directory_officers import EndedAt
from keys.directory_payload import NAMED_OFFICER, optional_time
from keys.directory_root import Root
from keys.encoding import b64u, parse_object, parse_time, unb64u
from keys.errors import MalformedError, UnknownVersionError
from keys.merkle_head import Frontier
from keys.replay_directory import Directory
from keys.replay_errors import ReplayError
from keys.replay_export import VERSION, export_json
from keys.replay_records import Authority, Ended, Epoch, Mandate, Officer, Organisation
from keys.replay_state import State
from keys.words import fingerprint_words

_INDEX: Final = fields.integer(0)
_EPOCH: Final[fields.Schema] = {
    "index": _INDEX,
    "key": fields.HASH,
    "logged": fields.time,
    "number": fields.integer(1, 2**32 - 1),
    "officers": fields.list_of(fields.ID16, least=1),
    "seats_root": fields.HASH,
}
_ORGANISATION: Final[fields.Schema] = {
    "added": fields.HASH,
    "added_index": _INDEX,
    "audit_office": fields.nullable(fields.organisation),
    "epochs": fields.list_of(fields.an_object(_EPOCH), most=2**20),
    "fingerprint": fields.text(200),
    "focal_points": fields.list_of(fields.ID16, least=1),
    "id": fields.organisation,
    "kind": fields.one_of(*KINDS),
    "officers": fields.list_of(fields.ID16, least=1),
    "state": fields.nullable(fields.state),
}
_MANDATE: Final[fields.Schema] = {
    "focal_point": fields.boolean,
    "from": fields.nullable(fields.time),
    "index": _INDEX,
    "private": fields.HASH,
    "to": fields.nullable(fields.time),
}
_ENDED: Final[fields.Schema] = {"index": _INDEX, "n": fields.integer(1), "size": _INDEX}
_OFFICER: Final[fields.Schema] = {
    **NAMED_OFFICER,
    "ended": fields.nullable(fields.an_object(_ENDED)),
    "enrolled": _INDEX,
    "mandate": fields.nullable(fields.an_object(_MANDATE)),
    "organisation": fields.organisation,
}
_AUTHORITY: Final[fields.Schema] = {
    "from": fields.time,
    "index": _INDEX,
    "officer": fields.ID16,
    "organisation": fields.state_organisation,
    "sign": fields.HASH,
    "to": fields.nullable(fields.time),
    "treaty": fields.text(20),
}
_HEAD: Final[fields.Schema] = {
    "hash": fields.HASH,
    "space": fields.one_of("exchange", "organisation", "officer"),
    "subject": fields.text(100),
}
_MANY: Final = 2**31
_DIRECTORY: Final[fields.Schema] = {
    "authorities": fields.list_of(fields.an_object(_AUTHORITY), most=_MANY),
    "exchange": fields.HASH,
    "frontier": fields.list_of(fields.HASH, most=64),
    "heads": fields.list_of(fields.an_object(_HEAD), most=_MANY),
    "last_logged": fields.time,
    "log_root": fields.HASH,
    "officers": fields.list_of(fields.an_object(_OFFICER), most=_MANY),
    "organisations": fields.list_of(fields.an_object(_ORGANISATION), most=_MANY),
    "root": fields.anything,
    "size": fields.integer(1),
    "version": fields.integer(1),
}


def import_json(data: bytes) -> Directory:
    """Return the directory of a cache; UnknownVersionError for another version, MalformedError for anything else.

    The cache is checked against itself: the root's hash is the exchange, the frontier gives the log root, every officer
    and body named is there, no key has two owners, and the directory exports as these very bytes.
    """
    body = parse_object(data, limit=None)
    if "version" in body and isinstance(body["version"], int) and body["version"] != VERSION:
        raise UnknownVersionError(f"a cached directory of version {body['version']}")
    fields.check(body, _DIRECTORY)
    root = Root.read(body["root"])
    frontier = Frontier(body["size"], tuple(unb64u(head) for head in body["frontier"]))
    if len(frontier.heads) != frontier.size.bit_count() or b64u(frontier.head) != body["log_root"]:
        raise MalformedError("a cached directory's log root does not fit it")
    if b64u(root.statement().hash) != body["exchange"]:
        raise MalformedError("a cached directory's root is not its exchange")
    state = State(
        root=root, exchange=unb64u(body["exchange"]), log=frontier, last_logged=parse_time(body["last_logged"])
    )
    try:
        _fill(state, root, body)
    except ReplayError as error:
        raise MalformedError("a cached directory contradicts itself") from error
    directory = Directory(state)
    if export_json(directory) != data:
        raise MalformedError("a cached directory is not in its one spelling")
    return directory


def _fill(state: State, root: Root, body: Mapping[str, Any]) -> None:
    state.take_key(root.lock_key, "lock")
    for founder in root.founders:
        state.founders[founder.officer] = founder
        state.take_officer_keys(founder)
    for item in body["organisations"]:
        found = _read_organisation(item)
        state.organisations[found.id] = found
        for epoch in found.epochs:
            state.take_key(epoch.key, "epoch", organisation=found.id)
    for item in body["officers"]:
        officer = _read_officer(item)
        state.organisation(officer.organisation)
        state.officers[officer.id] = officer
        known = state.founders.get(officer.id)
        if known is None:
            state.take_officer_keys(officer)
        elif (known.sign, known.seal, known.stop) != (officer.sign, officer.seal, officer.stop):
            raise MalformedError("a cached founder has other keys than the root names")
    for item in body["authorities"]:
        authority = _read_authority(item)
        state.authorities[authority.organisation] = (
            *state.authorities.get(authority.organisation, ()),
            authority,
        )
    for item in body["heads"]:
        state.heads[item["space"], item["subject"]] = unb64u(item["hash"])
    _check_named(state)


def _check_named(state: State) -> None:
    for body in state.organisations.values():
        for officer in (*body.officers, *body.focal_points):
            state.member(officer, body.id)
        if any(officer not in state.officers for epoch in body.epochs for officer in epoch.officers):
            raise MalformedError("a cached epoch has a seat for an unknown officer")
        if body.audit_office is not None:
            state.organisation(body.audit_office)
    for authorities in state.authorities.values():
        if any(authority.officer not in state.officers for authority in authorities):
            raise MalformedError("a cached authority is an unknown officer")


def _read_organisation(item: Mapping[str, Any]) -> Organisation:
    epochs = tuple(
        Epoch(
            number=epoch["number"],
            key=unb64u(epoch["key"]),
            seats_root=unb64u(epoch["seats_root"]),
            officers=tuple(unb64u(officer) for officer in epoch["officers"]),
            index=epoch["index"],
            logged=parse_time(epoch["logged"]),
        )
        for epoch in item["epochs"]
    )
    added = unb64u(item["added"])
    if [epoch.number for epoch in epochs] != list(range(1, len(epochs) + 1)):
        raise MalformedError("a cached body's epochs are not consecutive")
    if item["fingerprint"] != " ".join(fingerprint_words(added)):
        raise MalformedError("a cached fingerprint is not its body's")
    return Organisation(
        id=item["id"],
        kind=item["kind"],
        state=item["state"],
        added=added,
        added_index=item["added_index"],
        focal_points=tuple(unb64u(officer) for officer in item["focal_points"]),
        officers=tuple(unb64u(officer) for officer in item["officers"]),
        epochs=epochs,
        audit_office=item["audit_office"],
    )


def _read_officer(item: Mapping[str, Any]) -> Officer:
    mandate, ended = item["mandate"], item["ended"]
    return Officer(
        id=unb64u(item["officer"]),
        organisation=item["organisation"],
        sign=unb64u(item["sign"]),
        seal=unb64u(item["seal"]),
        stop=unb64u(item["stop"]),
        profile=unb64u(item["profile"]),
        enrolled=item["enrolled"],
        mandate=None
        if mandate is None
        else Mandate(
            mandate["focal_point"],
            optional_time(mandate["from"]),
            optional_time(mandate["to"]),
            unb64u(mandate["private"]),
            mandate["index"],
        ),
        ended=None if ended is None else Ended(ended["index"], EndedAt(ended["n"], ended["size"])),
    )


def _read_authority(item: Mapping[str, Any]) -> Authority:
    return Authority(
        organisation=item["organisation"],
        treaty=item["treaty"],
        officer=unb64u(item["officer"]),
        sign=unb64u(item["sign"]),
        valid_from=parse_time(item["from"]),
        valid_to=optional_time(item["to"]),
        index=item["index"],
    )
