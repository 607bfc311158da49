"""Makes docs/spec/vocabulary.md from the registry: `python -m exchange.ledger.vocabulary_page > docs/spec/vocabulary.md`."""

import sys
from collections.abc import Iterator

from exchange.ledger.values import FIELDS, MAX_VALUE_BYTES
from exchange.ledger.vocabulary import ACTS, CONSENT_EVENTS, NOT_ACTS, PARTIAL_FIELDS, Act

_HEAD = f"""# The vocabulary of the audit log

This page is made from `exchange/ledger/vocabulary.py` and `exchange/ledger/values.py` by
`python -m exchange.ledger.vocabulary_page`; change those, not this. How entries are encoded stands in `audit-entry.md`.

- An act's tag is `source:subject:action`, at most 32 characters. A tag is never given another meaning and never reused.
- Position i of an entry is the i-th name of its act's list, `act` first, at most sixteen. Lists are only ever appended to.
- `?` marks a field that may be without a value. A field without a value is a decoy, like a position past the list.
- A field's name means the same in every act. The JSON of a value has at most {MAX_VALUE_BYTES} bytes.
- Whoever meets a tag or a position that this page does not have MUST report it, and MUST NOT skip it.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([_HEAD, *_acts(), *_readers(), *_fields(), *_codes(), *_not_acts()])


def _acts() -> Iterator[str]:
    yield "## Acts\n"
    yield "| tag | fields after `act` | owner | views | result |"
    yield "|---|---|---|---|---|"
    for act in ACTS.values():
        yield f"| `{act.tag}` | {_listed(act)} | {act.owner} | {act.views} | {act.outcome} |"
    yield "\nThe register of consents maps its events so:\n"
    yield "| event | act |\n|---|---|"
    for event, tag in CONSENT_EVENTS.items():
        yield f"| {event} | `{tag}` |"
    yield ""


def _listed(act: Act) -> str:
    return " ".join(name if name in act.required else f"{name}?" for name in act.fields[1:]) or "none"


def _readers() -> Iterator[str]:
    partial = ", ".join(f"`{name}`" for name in PARTIAL_FIELDS)
    yield "## Who reads what\n"
    yield "`full`: the owner's audit office, the actor's audit office, the owner and the actor's body each hold the whole"
    yield "entry; the two offices also the keys of the other views. `partial`: the actor's office and the actor's body see"
    yield f"of the entry only {partial}, as far as the act"
    yield "has them; the owner's office alone holds the whole entry and the other keys, and the owner's slot holds a dummy."
    yield "Where an id belongs to no report, and of acts without a body, padding among them, the audit office of the host"
    yield "named in `root` stands for the owner's; of an act with an owner and without a body it stands for the actor's. Who"
    yield "`owner` is says the table of acts; a slot whose body, office or keys do not exist holds a dummy.\n"


def _fields() -> Iterator[str]:
    yield "## Fields\n"
    yield "| name | kind | most bytes of JSON | says |"
    yield "|---|---|---|---|"
    for field in FIELDS.values():
        yield f"| `{field.name}` | {field.kind.name} | {field.kind.most} | {field.meaning} |"
    yield ""
    yield "Kinds: *officer*, *id* 16 bytes, *part* 8 and *hash* 32 bytes in base64url without padding; *body* an"
    yield "organisation id or `state:XA`; *uuid* in lower case; *time* RFC 3339, whole seconds, Z; *word* `[a-z0-9]` joined"
    yield "by `.`, `_` or `-`, at most 62; *code* capitals and digits joined by `_`, at most 32; *subject* at most 60 of"
    yield "`[A-Za-z0-9_:.-]`; *count* 0 to 2^53-1; *flag* true or false.\n"


def _codes() -> Iterator[str]:
    yield "## In other vocabularies\n"
    yield "FHIR AuditEvent: type (DICOM PS3.16 CID 400, or `rest`), action, outcome. OCSF: class_uid, activity_id, status_id."
    yield "RFC 5424: PRIVAL (facility 13), MSGID is the tag. The sentence of an act stands in the catalogue under its key.\n"
    yield "| tag | FHIR | OCSF | PRIVAL | catalogue key |"
    yield "|---|---|---|---|---|"
    for act in ACTS.values():
        codes = act.codes
        fhir = f"{codes.fhir_type} {codes.fhir_action} {codes.fhir_outcome}"
        ocsf = f"{codes.ocsf_class} {codes.ocsf_activity} {codes.ocsf_status}"
        yield f"| `{act.tag}` | {fhir} | {ocsf} | {codes.syslog_priority} | `{act.text_key}` |"
    yield ""


def _not_acts() -> Iterator[str]:
    yield "## What leaves no entry, and why\n"
    yield "| what | why |"
    yield "|---|---|"
    for what, why in NOT_ACTS.items():
        yield f"| {what} | {why} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page())
