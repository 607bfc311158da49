"""A report's timeline as lines: each moment, what was recorded or took effect, and for whom that changed something."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from exchange.client.cli.app import App
from exchange.client.cli.wording import moment, word

_CHANGES: Final = ("opened", "widened", "narrowed", "closed")


def timeline_lines(app: App, shown: Mapping[str, Any]) -> list[str]:
    """Return what the server worked out, in order of time."""
    lines = [app.text("explain.timeline.left_out")] if shown.get("left_out") else []
    for each in _objects(shown, "moments"):
        ahead = app.text("explain.timeline.ahead") if each.get("ahead") else ""
        lines.append(app.text("explain.timeline.moment", moment=moment(each.get("at")), ahead=ahead))
        lines += [f"  {line}" for line in _happened(app, each)]
        changes = [(name, each[name]) for name in _CHANGES if isinstance(each.get(name), list) and each[name]]
        for name, bodies in changes:
            said = app.text("explain.timeline.change", what=word(app, "change", name), bodies=", ".join(map(str, bodies)))
            lines.append(f"  -> {said}")
        if not changes:
            lines.append(f"  -> {app.text('explain.timeline.nothing')}")
    return lines


def _happened(app: App, of: Mapping[str, Any]) -> Iterator[str]:
    for each in _objects(of, "happened"):
        if each.get("kind") == "report":
            if each.get("is_recorded"):
                yield word(app, "report_label", each.get("event"))
            continue
        line = app.text(
            "explain.timeline.agreement",
            state=each.get("state"),
            event=word(app, "event", each.get("event")),
            id=each.get("instrument") or "",
        ).rstrip()
        if each.get("recorded") != each.get("acts"):
            key = "explain.timeline.acts" if each.get("is_recorded") else "explain.timeline.recorded"
            line += app.text(key, moment=moment(each.get("acts" if each.get("is_recorded") else "recorded")))
        yield line


def _objects(values: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    listed = values.get(name)
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
