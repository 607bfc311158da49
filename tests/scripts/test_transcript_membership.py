"""Transcripts of how bodies and people come and go: real commands against a real server."""

import pytest

from keys.encoding import unb64u
from keys.words import fingerprint_words
from tests.scripts.running import Exchange, Person, add_body


@pytest.fixture(scope="module")
def npm(exchange: Exchange) -> tuple[Person, Person]:
    """An NPM of State XA with a first focal point, and an officer who joined by invitation."""
    first, second = exchange.person("npm-first"), exchange.person("npm-second", "fr")
    card = first.makes_keys("npm-xa")
    add_body(exchange.cpt, exchange.spt, "npm-xa", "npm", [card], first, "--state", "XA")
    first.asks("directory", "sync", "--server", exchange.server.url)
    first.asks("organisation", "rotate")
    join(exchange, first, second)
    return first, second


def join(exchange: Exchange, inviter: Person, joiner: Person) -> None:
    """Let somebody join the inviter's body by invitation."""
    invitation = inviter.file(f"for-{joiner.name}.txt")
    inviter.asks("organisation", "invite", "-o", invitation)
    joiner.asks("identity", "new", "--memory-mib", "64")
    joiner.asks("join", invitation, "--server", exchange.server.url)
    inviter.asks("organisation", "approve", "--yes")


def test_a_body_with_a_new_focal_point_takes_part(exchange: Exchange, npm: tuple[Person, Person]) -> None:
    """The proposal taught the new focal point which exchange is meant; their first sync verified it from the founding."""
    first, _ = npm
    listed = first.asks("directory", "list")
    bodies = {body["id"]: body for body in listed["organisations"]}
    assert bodies["npm-xa"]["kind"] == "npm" and bodies["npm-xa"]["state"] == "XA"
    assert listed["exchange"] == exchange.cpt.asks("directory", "sync")["exchange"]


def test_a_joiner_shares_the_keys_at_once(npm: tuple[Person, Person]) -> None:
    """Enrolment and new keys are one act; the newcomer opens their share, sees their body, and reads it in French."""
    first, second = npm
    said = second.types("directory", "verify")
    assert "Vous avez rejoint npm-xa" in said.err and "en attente" in said.err
    epoch = next(b for b in second.asks("directory", "list")["organisations"] if b["id"] == "npm-xa")["epochs"][-1]
    assert sorted(epoch["officers"]) == sorted([first.officer, second.officer])


def test_a_person_who_is_not_accepted_yet_is_told_so(exchange: Exchange, npm: tuple[Person, Person]) -> None:
    """Before the focal point accepts, a sync says what it waits for; asking again with the same invitation is harmless."""
    first, eager = npm[0], exchange.person("npm-eager")
    invitation = first.file("for-eager.txt")
    first.asks("organisation", "invite", "-o", invitation)
    assert invitation.stat().st_mode & 0o077 == 0
    eager.asks("identity", "new", "--memory-mib", "64")
    asked = eager.asks("join", invitation, "--server", exchange.server.halves)
    assert eager.asks("directory", "sync", expect=1)["code"] == "join_pending"
    assert eager.asks("join", invitation)["statement"] == asked["statement"]


def test_an_invitation_made_elsewhere_is_left_aside(exchange: Exchange, npm: tuple[Person, Person]) -> None:
    """Only the home that knows the code can check the proof: another's request is named and not signed."""
    first, joiner = npm[0], exchange.person("npm-third")
    invitation = first.file("for-third.txt")
    first.asks("organisation", "invite", "-o", invitation)
    joiner.asks("identity", "new", "--memory-mib", "64")
    joiner.asks("join", invitation, "--server", exchange.server.url)
    for kept in (first.home / "invitations").iterdir():
        kept.unlink()
    said = first.types("organisation", "approve", "--yes")
    assert "invitation_not_kept" in said.err and "no request" in said.out


def test_who_leaves_is_shut_out_in_the_same_act(exchange: Exchange, npm: tuple[Person, Person]) -> None:
    """The end of access names a verified state of the audit record, new keys come without the leaver, and tokens end."""
    first = npm[0]
    leaver = exchange.person("npm-leaver")
    join(exchange, first, leaver)
    leaver.asks("directory", "sync")
    left = first.asks("organisation", "leave", leaver.officer, "--yes")
    assert left["ended_at"]["n"] == 1
    body = next(b for b in first.asks("directory", "list")["organisations"] if b["id"] == "npm-xa")
    assert leaver.officer not in body["epochs"][-1]["officers"] and body["epochs"][-1]["number"] == left["epoch"]
    assert leaver.asks("directory", "sync", expect=1)["code"] == "assertion_invalid"
    assert first.asks("organisation", "leave", first.officer, "--yes", expect=1)["code"] == "leave_self"


def test_a_proposal_that_cannot_stand_is_refused_before_anyone_signs(npm: tuple[Person, Person]) -> None:
    """Every rule of the directory is checked on this machine first: no file is written."""
    first, second = npm
    proposal = first.file("points.json")
    words = ("directory", "propose", "focal-points", first.officer, second.officer)
    assert first.asks(*words, "-o", proposal, expect=1)["code"] == "guardian_needed"
    assert not proposal.exists()


def test_a_leave_is_asked_about_first(npm: tuple[Person, Person]) -> None:
    """Without --yes and without a terminal nothing happens, and the exit code says wrong usage."""
    first, second = npm
    assert first.asks("organisation", "leave", second.officer, expect=2)["code"] == "input_missing"


def test_only_focal_points_act_for_a_body(npm: tuple[Person, Person]) -> None:
    """An officer who is none is told so in their own language, before anything is sent."""
    second = npm[1]
    said = second.types("organisation", "rotate", expect=1)
    assert "Seul un coordonnateur" in said.err and "not_focal_point" in said.err
    assert (
        second.asks(
            "organisation",
            "add",
            "npm-xb",
            "--kind",
            "npm",
            "--state",
            "XB",
            "--focal-point",
            second.folder / "npm-first-card.json",
            "-o",
            second.file("x.json"),
            expect=1,
        )["code"]
        == "not_founder"
    )


def test_mandates_audit_offices_and_authorities(exchange: Exchange) -> None:
    """A State's authority and an audit office join; the audit office is named, and founders of two bodies let an officer
    sign for the State."""
    state, office = exchange.person("state-xb"), exchange.person("office")
    add_body(exchange.cpt, exchange.spt, "state:XB", "state", [state.makes_keys("state:XB")], state, "--state", "XB")
    add_body(exchange.cpt, exchange.spt, "audit-cpt", "audit", [office.makes_keys("audit-cpt")], office)
    assert exchange.cpt.asks("organisation", "audit-office", "audit-cpt")["office"] == "audit-cpt"
    proposal = exchange.cpt.file("authority.json")
    words = ("authority", "add", "state:XB", "--treaty", "ECPT", "--officer", state.officer, "--to", "2030-12-31")
    assert exchange.cpt.asks(*words, "-o", proposal)["missing"] == 1
    assert exchange.cpt.asks("directory", "submit", proposal, expect=1)["code"] == "signers_missing"
    said = exchange.spt.types("directory", "cosign", proposal, "--yes")
    assert "sign for the State XB under ECPT" in said.err and "2031-01-01T00:00:00Z" in said.err
    exchange.spt.asks("directory", "submit", proposal)
    authority = exchange.cpt.asks("directory", "verify") and exchange.cpt.asks("directory", "list")["authorities"]
    assert [a["officer"] for a in authority] == [state.officer]
    exchange.cpt.asks("organisation", "mandate", exchange.cpt.officer, "--role", "secretary", "--exclude-state", "XC")
    officer = next(o for o in exchange.cpt.asks("directory", "list")["officers"] if o["mandate"])
    assert officer["officer"] == exchange.cpt.officer and officer["mandate"]["focal_point"]


def test_words_are_compared_and_noted(exchange: Exchange) -> None:
    """The right words are noted, others alarm, and the list says which bodies were compared."""
    shown = exchange.cpt.asks("directory", "fingerprint", "un-spt")
    assert shown["words"] == " ".join(fingerprint_words(unb64u(shown["fingerprint"]))) and not shown["compared"]
    wrong = exchange.cpt.asks("directory", "fingerprint", "coe-cpt")["words"]
    assert exchange.cpt.asks("directory", "pin", "un-spt", "--words", wrong, expect=1)["code"] == "words_differ"
    exchange.cpt.asks("directory", "pin", "un-spt", "--words", shown["words"].upper().replace(" ", "-"))
    assert exchange.cpt.asks("directory", "fingerprint", "un-spt")["compared"]


def test_a_password_for_the_pages_is_set(exchange: Exchange) -> None:
    """The password comes from a file; one that is too weak is refused by the server with its reason."""
    password = exchange.cpt.file("password")
    password.write_text("short\n")
    words = ("account", "set-password", "--login-name", "cpt.one", "--password-file", password)
    assert exchange.cpt.asks(*words, expect=1)["code"] == "password_too_weak"
    password.write_text("granite and heather\n")
    said = exchange.cpt.types(*words)
    assert "cpt.one" in said.out and "granite" not in said.out + said.err
