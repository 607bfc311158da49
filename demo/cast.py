"""Who takes part in the demo, and how they come together: the founding, six bodies, their keys, one newcomer."""

from typing import Final

from demo.stage import MEMORY_MIB, Stage

# Person -> body. The first of a body, and Boris, are its focal points; David joins the SPT by invitation.
PEOPLE: Final = {
    "anna": "coe-cpt",
    "boris": "coe-cpt",
    "clara": "un-spt",
    "elena": "npm-xa",
    "farid": "state:XA",
    "greta": "audit-cpt",
    "hugo": "audit-spt",
}
NEWCOMER: Final = "david"
BODIES: Final = {
    "coe-cpt": ("mechanism", None, ("anna", "boris")),
    "un-spt": ("mechanism", None, ("clara",)),
    "npm-xa": ("npm", "XA", ("elena",)),
    "state:XA": ("state", "XA", ("farid",)),
    "audit-cpt": ("audit", None, ("greta",)),
    "audit-spt": ("audit", None, ("hugo",)),
}


def keys(stage: Stage) -> None:
    """Everyone makes keys on their own machine, and a card by which others can name them."""
    stage.chapter("keys")
    for who in (*PEOPLE, NEWCOMER):
        stage.passphrase(who)
    made = stage.together(
        [(who, "identity", "new", "--memory-mib", str(MEMORY_MIB)) for who in (*PEOPLE, NEWCOMER)]
    )
    stage.show(made[0].err.splitlines() + made[0].out.splitlines(), 2)
    stage.together(
        [
            (who, "identity", "show", "--card", "--organisation", body, "-o", stage.paper(f"{who}.card"))
            for who, body in PEOPLE.items()
        ]
    )
    stage.proves("keys")


def founding(stage: Stage) -> None:
    """The operator prepares the server, CPT and SPT found the exchange together."""
    stage.chapter("founding")
    server, root = stage.paper("server.json"), stage.paper("root.json")
    stage.flask("prepare", "--name", "exchange.example", "-o", server)
    cards = [f"--founder={stage.paper(who + '.card')}" for who in ("anna", "clara")]
    stage.exchange("anna", "directory", "found", "--server", server, "--host", "coe-cpt", *cards, "-o", root)
    told = stage.exchange("clara", "directory", "cosign", "--yes", "--server", server, root)
    stage.show(told.err.splitlines() + told.out.splitlines(), 6)
    stage.flask("init", "--root", root)
    stage.start_server()
    stage.proves("founding")


def bodies(stage: Stage) -> None:
    """Six bodies are added by the founders and the focal points they name; each then makes its keys."""
    stage.chapter("bodies")
    proposal = stage.paper("bodies.proposal")
    for number, (body, (kind, state, focal_points)) in enumerate(BODIES.items()):
        cards = [f"--focal-point={stage.paper(who + '.card')}" for who in focal_points]
        place = [] if state is None else ["--state", state]
        together = ["--with", proposal] if number else []
        arguments = ["organisation", "add", body, "--kind", kind, *place, *cards, *together, "-o", proposal]
        stage.exchange("anna", *arguments)
    server = ["--server", stage.paper("server.json")]
    for who in PEOPLE:
        if who != "anna":
            stage.exchange(who, "directory", "cosign", "--yes", *server, proposal)
    stage.exchange("anna", "directory", "submit", proposal)
    stage.together([(focal_points[0], "organisation", "rotate") for _, _, focal_points in BODIES.values()])
    stage.together(
        [
            ("anna", "organisation", "audit-office", "audit-cpt"),
            ("clara", "organisation", "audit-office", "audit-spt"),
        ]
    )
    listed = stage.exchange("anna", "directory", "list")
    stage.show(listed.out.splitlines(), 20)
    stage.proves("bodies")


def authority(stage: Stage) -> None:
    """The founders name who may sign for State XA under the ECPT."""
    stage.chapter("authority")
    officer = stage.exchange("farid", "identity", "show", quiet=True, as_json=True).json["officer"]
    proposal = stage.paper("authority.proposal")
    arguments = ["authority", "add", "state:XA", "--treaty", "ECPT", "--officer", officer, "-o", proposal]
    stage.exchange("anna", *arguments)
    stage.exchange("clara", "directory", "cosign", "--yes", proposal)
    stage.exchange("anna", "directory", "submit", proposal)
    stage.proves("authority")


def newcomer(stage: Stage) -> None:
    """David joins the SPT by an invitation that travels outside the server."""
    stage.chapter("newcomer")
    invitation = stage.paper("david.invitation")
    stage.exchange("clara", "organisation", "invite", "-o", invitation)
    stage.exchange(NEWCOMER, "join", invitation, "--server", stage.url)
    told = stage.exchange("clara", "organisation", "approve", "--yes")
    stage.show(told.err.splitlines() + told.out.splitlines(), 5)
    words = stage.exchange(NEWCOMER, "directory", "sync", "--server", stage.url)
    stage.show(words.err.splitlines(), 3)
    stage.proves("newcomer")


def assemble(stage: Stage) -> None:
    """The whole of it, in order."""
    keys(stage)
    founding(stage)
    bodies(stage)
    authority(stage)
    newcomer(stage)
