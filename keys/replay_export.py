"""A replayed directory as JSON: what `exchange directory list --json` shows, and a client's cache of its replay.

Reading it back is `keys.replay_import` (docs/spec/directory.md, section 11).
"""

from typing import Any, Final

from keys.directory_payload import optional_text
from keys.encoding import b64u, canonical, format_time
from keys.replay_directory import Directory
from keys.replay_records import Authority, Officer, Organisation
from keys.words import fingerprint_words

VERSION: Final = 1


def export_values(directory: Directory) -> dict[str, Any]:
    """Return everything a directory knows as JSON values; ids, hashes and key ids in base64url."""
    state = directory.thaw()
    return {
        "authorities": [_authority(a) for key in sorted(state.authorities) for a in state.authorities[key]],
        "exchange": b64u(directory.exchange),
        "frontier": [b64u(head) for head in state.log.heads],
        "heads": [
            {"hash": b64u(state.heads[space, subject]), "space": space, "subject": subject}
            for space, subject in sorted(state.heads)
        ],
        "last_logged": optional_text(directory.last_logged),
        "log_root": b64u(directory.log_root),
        "officers": [_officer(officer) for officer in directory.officers],
        "organisations": [_organisation(body) for body in directory.organisations],
        "root": directory.root.statement().body,
        "size": directory.size,
        "version": VERSION,
    }


def export_json(directory: Directory) -> bytes:
    """Return `export_values` in its one JSON spelling (of any size)."""
    return canonical(export_values(directory), limit=None)


def _organisation(body: Organisation) -> dict[str, Any]:
    return {
        "added": b64u(body.added),
        "added_index": body.added_index,
        "audit_office": body.audit_office,
        "epochs": [
            {
                "index": epoch.index,
                "key": b64u(epoch.key),
                "logged": format_time(epoch.logged),
                "number": epoch.number,
                "officers": [b64u(officer) for officer in epoch.officers],
                "seats_root": b64u(epoch.seats_root),
            }
            for epoch in body.epochs
        ],
        "fingerprint": " ".join(fingerprint_words(body.added)),
        "focal_points": [b64u(officer) for officer in body.focal_points],
        "id": body.id,
        "kind": body.kind,
        "officers": [b64u(officer) for officer in body.officers],
        "state": body.state,
    }


def _officer(officer: Officer) -> dict[str, Any]:
    mandate, ended = officer.mandate, officer.ended
    return {
        "ended": None if ended is None else {"index": ended.index, "n": ended.at.n, "size": ended.at.size},
        "enrolled": officer.enrolled,
        "mandate": None
        if mandate is None
        else {
            "focal_point": mandate.focal_point,
            "from": optional_text(mandate.valid_from),
            "index": mandate.index,
            "private": b64u(mandate.private),
            "to": optional_text(mandate.valid_to),
        },
        "officer": b64u(officer.id),
        "organisation": officer.organisation,
        "profile": b64u(officer.profile),
        "seal": b64u(officer.seal),
        "sign": b64u(officer.sign),
        "stop": b64u(officer.stop),
    }


def _authority(authority: Authority) -> dict[str, Any]:
    return {
        "from": format_time(authority.valid_from),
        "index": authority.index,
        "officer": b64u(authority.officer),
        "organisation": authority.organisation,
        "sign": b64u(authority.sign),
        "to": optional_text(authority.valid_to),
        "treaty": authority.treaty,
    }
