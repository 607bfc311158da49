"""Where something failed, for the log, without what it failed on: an exception's message may quote a secret."""

import traceback


def places(error: BaseException) -> str:
    """Return the types and code places of `error` and its causes, innermost last, with no message and no value."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None:
        lines.append(type(current).__name__)
        for frame in traceback.extract_tb(current.__traceback__):
            lines.append(f"  {frame.filename}:{frame.lineno} in {frame.name}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(lines)
