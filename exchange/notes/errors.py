"""What can be wrong with a form, with its code, and with what is to be put on a form."""

from typing import ClassVar


class NotesError(Exception):
    """Root of everything this room raises."""

    code: ClassVar[str] = "note_failed"


class MalformedNoteError(NotesError):
    """Not a form: a field that is missing, unknown or out of its values."""

    code = "note_form"


class UnfinishedNoteError(NotesError):
    """A form with a gap: nobody ticked whom, what or which."""

    code = "note_unfinished"


class NotOnFormError(NotesError):
    """What a form with boxes cannot express; it is refused, never left out."""

    code = "note_not_on_form"


class CodeTypingError(NotesError):
    """A reference code with a slip of the pen: its check letter does not fit."""

    code = "note_code_typing"


class OtherCodeError(NotesError):
    """A reference code that was not made from these ticks."""

    code = "note_code_other"
