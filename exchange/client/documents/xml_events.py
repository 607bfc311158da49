"""XML as events, from expat, with nothing that a document could set in motion: a document type is refused as a whole.

So there are no entities to expand and nothing outside to fetch. What is read is bounded by who hands in the chunks.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final
from xml.parsers import expat  # a document type is refused, which is what makes expat dangerous

from exchange.client.documents.errors import DocumentError

_SEPARATOR: Final = " "

Start = Callable[[str, str, Mapping[str, str]], None]
End = Callable[[str, str], None]
Text = Callable[[str], None]


def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition(_SEPARATOR)[2]


def parse(chunks: Iterable[bytes], start: Start, end: End, text: Text) -> None:
    """Read a document and tell each start and end as (namespace, name, attributes by local name), and the text.

    DocumentError for what is not well-formed, has a document type, or names an encoding that is not known.
    """

    def refuse(*_parts: object) -> None:
        raise DocumentError("the markup has a document type")

    def started(name: str, attributes: dict[str, str]) -> None:
        space, _, word = name.rpartition(_SEPARATOR)
        start(space, word, {local(key): value for key, value in attributes.items()})

    def ended(name: str) -> None:
        space, _, word = name.rpartition(_SEPARATOR)
        end(space, word)

    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise DocumentError("the markup does not read") from error
