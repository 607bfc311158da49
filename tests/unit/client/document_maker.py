"""Files as people's programs write them: Word documents, photographs, PDF."""

import io
import struct
import zipfile
from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A title</dc:title>{}</cp:coreProperties>'
)
GPS, ARTIST = 0x8825, 0x013B


def paragraphs(*texts: str) -> str:
    """Runs of text, each in a paragraph of its own."""
    return "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in texts)


def document(body: str) -> str:
    """The main part of a Word document."""
    return f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'


def docx(path: Path, body: str = "", **members: str | bytes) -> Path:
    """Write a document; further members by name, where `__` stands for a slash and `_` at the end for the suffix `.xml`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("[Content_Types].xml", "<Types/>")
        container.writestr("word/document.xml", document(body))
        for name, data in members.items():
            place = name.replace("__", "/")
            container.writestr(place.removesuffix("_") + ".xml" if place.endswith("_") else place, data)
    return path


def core(*authors: str) -> str:
    """The core properties with a creator, and who changed it last."""
    names = ("dc:creator", "cp:lastModifiedBy")
    return CORE.format("".join(f"<{tag}>{name}</{tag}>" for tag, name in zip(names, authors, strict=False)))


def jpeg(*, position: bool = False, artist: str | None = None, order: str = "<", xmp: bytes = b"") -> bytes:
    """A photograph's beginning, in either byte order, with or without where it was taken and by whom."""
    entries = []
    after = 8 + 2 + 12 * 2 + 4
    name = b"" if artist is None else artist.encode() + b"\0"
    if artist is not None:
        inline = len(name) <= 4  # then it stands in the entry itself
        place = name.ljust(4, b"\0") if inline else struct.pack(f"{order}L", after)
        entries.append(struct.pack(f"{order}HHL", ARTIST, 2, len(name)) + place)
    if position:
        entries.append(struct.pack(f"{order}HHLL", GPS, 4, 1, after + len(name)))
    first = struct.pack(f"{order}H", len(entries)) + b"".join(entries).ljust(24, b"\0") + bytes(4)
    gps = struct.pack(f"{order}HHHL4s", 1, 2, 5, 3, bytes(4))
    tiff = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}L", 8) + first + name + gps
    exif = b"Exif\0\0" + tiff
    segments = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    if xmp:
        packet = b"http://ns.adobe.com/xap/1.0/\0" + xmp
        segments += b"\xff\xe1" + struct.pack(">H", len(packet) + 2) + packet
    return b"\xff\xd8" + b"\xff\xe0\x00\x04ab" + segments + b"\xff\xda\x00\x02" + bytes(100)


def pdf(path: Path, author: str | None) -> Path:
    """A PDF of one page, as a library writes it."""
    from reportlab.pdfgen.canvas import Canvas  # loading it takes a while, and few tests need it

    made = io.BytesIO()
    canvas = Canvas(made)
    if author is not None:
        canvas.setAuthor(author)
    canvas.drawString(100, 700, "The delegation visited the prison.")
    canvas.save()
    path.write_bytes(made.getvalue())
    return path
