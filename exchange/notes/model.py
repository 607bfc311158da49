"""A form to begin with: of each kind the one that opens least, with gaps where only the State can say."""

from typing import Any

from exchange.notes import lists
from exchange.notes.form import VERSION


def model(kind: str, state: str) -> dict[str, Any]:
    """Return the unfinished form of a kind for a State."""
    head = {"kind": kind, "note": VERSION, "reference": None, "state": state}
    if kind in lists.ENDING:
        return {**head, "authorisation": None, "effective": None}
    if kind == lists.ACKNOWLEDGEMENT:
        acknowledged = "agreement-standing"
        return {**head, "acknowledges": acknowledged, "authorisation": None, "object_by": None, "received_on": None}
    specific = kind in ("agreement-specific", "publication")
    return {
        **head,
        "limitations": [],
        "limits": [],
        "paper": "note_verbale",
        "replaces": [],
        "reply_by": None,
        "rows": [row(kind, specific=specific)],
        "span": "specific" if specific else "standing",
        "undertaking": None,
    }


def row(kind: str, *, specific: bool) -> dict[str, Any]:
    """Return the first statement of a model: whom it speaks of and of which documents is not said yet."""
    publication = kind == "publication"
    return {
        "actions": ["publish"] if publication else [],
        "adopted": "all" if specific or kind == "limits" else "future",
        "adopted_from": None,
        "adopted_to": None,
        "agrees": kind != "limits",
        "bodies": [],
        "embargo_event": None,
        "embargo_rule": "last",
        "embargo_until": None,
        "languages": None,
        "named": [],
        "purposes": ["publication"] if publication else None,
        "scope": "document" if specific else "kind",
        "valid_from": None,
        "valid_to": None,
        "variants": None,
    }


def limitation(kind: str) -> dict[str, Any]:
    """Return a limitation that stands by its name alone."""
    return {"day": None, "event": None, "kind": kind, "names": []}
