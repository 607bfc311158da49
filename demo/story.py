"""The story after everyone has joined: transmit, withheld, agreed, read, widened, stopped, withdrawn, audited."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from demo.documents import write_all
from demo.searching import Planted, search
from demo.stage import DemoFailed, Stage

TITLE: Final = "Rapport de l'atelier sur la cooperation, document de demonstration Heliotrope"
FULL_BUNDLE: Final = 256
WRONG_TITLE: Final = "Report on a visit to State XB, sent to the wrong body by mistake: Celadon"


class Story:
    """What has happened so far: the report, its parts, the agreements."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.today: date = datetime.now(UTC).date()
        self.documents: dict[str, Path] = {}
        self.report = ""
        self.parts: dict[str, str] = {}
        self.first = ""
        self.wider = ""
        self.wrong = ""

    def transmit(self) -> None:
        """The CPT transmits a real document as two language parts."""
        stage = self.stage
        stage.chapter("transmit")
        self.documents = write_all(stage.files, self.today)
        french, english = self.documents["body-fr"], self.documents["annexes-en"]
        parts = [
            f"--part=id=p1,file={french},state=XA,language=fr,variant=original,personal-data=no",
            f"--part=id=p2,file={english},state=XA,language=en,variant=original,personal-data=no",
        ]
        about = ["--kind", "visit_report", "--adopted-on", self.today.isoformat(), "--title", TITLE]
        self.report = self._deposit("anna", parts, "un-spt", about)
        stage.tell("sizes", fr=french.stat().st_size, en=english.stat().st_size)
        found = stage.exchange("anna", "show", self.report, quiet=True, as_json=True).json
        self.parts = {part["language"]: part["part"] for part in found["parts"]}
        stage.proves("transmit")

    def withheld(self) -> None:
        """The SPT has the id and gets nothing; the CPT sees exactly why."""
        stage = self.stage
        stage.chapter("withheld")
        self._refused("david", "fr")
        self._matrix()
        stage.proves("withheld")

    def agreed(self) -> None:
        """State XA agrees, on paper, to the French version; two focal points of the CPT record and confirm it."""
        stage = self.stage
        stage.chapter("agreed")
        terms = stage.paper("agreement.json")
        self._write(terms, self._instrument(languages=["fr"], reference="17"))
        evidence = str(self.documents["agreement"])
        arguments = ["consent", "record", terms, "--evidence", evidence, "--adds", "--yes"]
        stage.tell("evidence")
        recorded = stage.exchange("anna", *arguments, as_json=True)
        stage.show(recorded.err.splitlines())
        self.first = recorded.json["instrument"]
        self._refused("david", "fr")
        stage.tell("one_person")
        stage.exchange("boris", "consent", "confirm", self.first, "--yes")
        stage.proves("agreed")

    def read(self) -> None:
        """David opens the French version; the English stays closed."""
        stage = self.stage
        stage.chapter("read")
        self._open("david", "fr")
        self._refused("david", "en")
        self._matrix()
        stage.proves("read")

    def widened(self) -> None:
        """The State's own authority signs a wider agreement, which replaces the first."""
        stage = self.stage
        stage.chapter("widened")
        terms = stage.paper("wider.json")
        self._write(terms, self._instrument(languages=None, reference="18", supersedes=(self.first,)))
        signed = stage.exchange("farid", "consent", "sign", terms, "--yes", as_json=True)
        stage.show(signed.err.splitlines())
        self.wider = signed.json["instrument"]
        self._open("david", "en")
        stage.proves("widened")

    def stopped(self) -> None:
        """A report sent to the wrong body is stopped before anyone received its key, and that is proven."""
        stage = self.stage
        stage.chapter("stopped")
        about = ["--kind", "visit_report", "--adopted-on", self.today.isoformat(), "--title", WRONG_TITLE]
        part = f"--part=id=p1,file={self.documents['report-xb']},state=XB,language=en,variant=original,personal-data=no"
        self.wrong = self._deposit("anna", [part], "npm-xa", about)
        stage.exchange("boris", "stop", self.wrong)
        told = stage.exchange("anna", "readers", self.wrong)
        stage.show(told.out.splitlines())
        stage.proves("stopped")

    def withdrawn(self) -> None:
        """The State withdraws its agreement, and the door is closed again."""
        stage = self.stage
        stage.chapter("withdrawn")
        stage.exchange("farid", "consent", "withdraw", self.wider, "--yes")
        self._refused("david", "fr")
        self._refused("david", "en")
        told = stage.exchange("anna", "readers", self.report)
        stage.show(told.out.splitlines())
        stage.proves("withdrawn")

    def audited(self) -> None:
        """Both audit offices list the acts, verify both logs from files alone, and export."""
        stage = self.stage
        stage.chapter("audited")
        told = stage.exchange("greta", "audit", "list", "--report", self.report)
        stage.show(told.out.splitlines(), 16)
        told = stage.exchange("hugo", "audit", "list", "--report", self.report)
        stage.show(told.out.splitlines(), 16)
        stage.exchange("greta", "audit", "verify")
        for who in ("greta", "hugo"):
            stage.exchange(who, "audit", "export", "--format", "csv", "-o", str(stage.homes / f"audit-{who}.csv"))
        told = stage.exchange("hugo", "audit", "verify", "--offline", str(stage.instance / "logs"))
        stage.show(told.out.splitlines() + told.err.splitlines())
        stage.proves("audited")

    def tampered(self) -> None:
        """In a copy of the log one bit of one entry is changed; verification names the spot."""
        stage = self.stage
        stage.chapter("tampered")
        copy = stage.homes / "copy-of-the-logs"
        shutil.copytree(stage.instance / "logs", copy)
        # The first bundle of entries: 256 of them once the log has grown so far, else as many as its checkpoint says.
        size = int((copy / "audit" / "checkpoint").read_text(encoding="utf-8").split("\n")[1])
        name = "000" if size >= FULL_BUNDLE else f"000.p/{size}"
        bundle = copy / "audit" / "tile" / "entries" / name
        data = bytearray(bundle.read_bytes())
        # The ninth entry: a u16 length and 73 bytes each.
        data[8 * 75 + 30] ^= 1
        bundle.chmod(0o600)
        bundle.write_bytes(bytes(data))
        stage.tell("flipped", path=bundle.relative_to(copy))
        told = stage.exchange("hugo", "audit", "verify", "--offline", str(copy), expect=1)
        stage.show(told.out.splitlines() + told.err.splitlines())
        stage.proves("tampered")

    def searched(self) -> None:
        """Nothing the server holds shows a word of the reports, or who opened what."""
        stage = self.stage
        stage.chapter("searched")
        stage.flask("fsck")
        planted = self._planted()
        found = search(stage.instance, stage.server_log, planted)
        if found:
            raise DemoFailed("; ".join(found))
        stage.proves("searched", count=len(planted.everywhere), size=_mebibytes(stage.instance))

    def _planted(self) -> Planted:
        stage = self.stage
        contents = [path.read_bytes() for path in self.documents.values()]
        texts = [TITLE, WRONG_TITLE, "Heliotrope", "Celadon", *(path.name for path in self.documents.values())]
        officers = [
            stage.exchange(who, "identity", "show", quiet=True, as_json=True).json["officer"]
            for who in ("anna", "boris", "david", "farid")
        ]
        return Planted(
            everywhere=[*texts, *stage.secrets],
            contents=contents,
            public_audit=["coe-cpt", "un-spt", "npm-xa", "state:XA", "audit-cpt", "audit-spt", *officers],
            officers=officers,
            reports=[self.report, self.wrong],
        )

    def _deposit(self, who: str, parts: list[str], to: str, about: list[str]) -> str:
        told = self.stage.exchange(who, "deposit", *parts, "--to", to, *about, as_json=True)
        report: str = told.json["report"]
        self.stage.tell("report", report=report)
        return report

    def _refused(self, who: str, language: str) -> None:
        part = self.parts[language]
        arguments = ["open", self.report, "--part", part, "--action", "view", "--purpose", "follow_up"]
        told = self.stage.exchange(who, *arguments, "-o", str(self.stage.homes / f"{who}-opened"), expect=1)
        self.stage.show(told.err.splitlines()[-2:])

    def _open(self, who: str, language: str) -> None:
        folder = self.stage.homes / f"{who}-opened"
        arguments = ["open", self.report, "--part", self.parts[language], "--action", "download"]
        told = self.stage.exchange(who, *arguments, "--purpose", "follow_up", "-o", str(folder))
        self.stage.show(told.err.splitlines() + told.out.splitlines(), 14)
        source = self.documents["body-fr" if language == "fr" else "annexes-en"]
        if (folder / source.name).read_bytes() != source.read_bytes():
            raise DemoFailed("what was opened is not what was sent")
        self.stage.tell("same_bytes", path=folder.name + "/" + source.name)

    def _matrix(self) -> None:
        told = self.stage.exchange("anna", "show", self.report)
        self.stage.show(told.out.splitlines(), 24)

    def _instrument(self, *, languages: list[str] | None, reference: str, supersedes: tuple[str, ...] = ()) -> dict[str, Any]:
        return {
            "state": "XA",
            "kind": "specific",
            "form": "note_verbale",
            "reference": reference,
            "received_on": self.today.isoformat(),
            "supersedes": list(supersedes),
            "provisions": [
                {
                    "effect": "permit",
                    "scope": "document",
                    "scope_ref": self.report,
                    "grantees": ["un-spt"],
                    "actions": ["view", "download"],
                    "purposes": ["follow_up", "visit_preparation"],
                    "languages": languages,
                }
            ],
        }

    def _write(self, path: str, value: object) -> None:
        Path(path).write_text(json.dumps(value, indent=2), encoding="utf-8")


def _mebibytes(folder: Path) -> str:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"{size / 2**20:.1f}"
