"""Untrusted XML into elements: no DOCTYPE, no entities, bounded size and nesting."""

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from gomanager.errors import UsageError

SIZE = 100 << 20
DEPTH = 100
_ILLEGAL = bytes(code for code in range(32) if code not in (9, 10, 13))
_REFERENCE = re.compile(rb"&#(?:x0*[0-9a-fA-F]|x0*1[0-9a-fA-F]|0*\d|0*[12]\d|0*3[01]);")
_LEGAL = re.compile(rb"&#(?:x0*[9aAdD]|0*9|0*1[03]);")
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def parse(data: bytes, name: str) -> Element:
    """The root element; tags without namespaces. Raises UsageError naming the file.

    Control characters that XML forbids are dropped: writers of test reports forget them.
    """
    if len(data) > SIZE:
        what = "this XML file is larger than 100 MB"
        raise UsageError(what, where=name)
    if not data.startswith(_WIDE):
        data = data.translate(None, _ILLEGAL)
        data = _REFERENCE.sub(lambda m: m[0] if _LEGAL.fullmatch(m[0]) else b"", data)
    builder = TreeBuilder()
    parser = _parser(builder, name)
    try:
        parser.Parse(data, True)
        return builder.close()
    except expat.ExpatError as error:
        what = f"this XML is not well-formed: {expat.ErrorString(error.code)}"
        where = f"{name}:{error.lineno}:{error.offset + 1}"
        raise UsageError(what, where=where, fix="give a complete report") from error
    except (ValueError, LookupError) as error:  # an encoding that expat does not know
        what = f"this XML cannot be read: {error}"
        raise UsageError(what, where=name) from error


def _parser(builder: TreeBuilder, name: str) -> expat.XMLParserType:
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            what = f"this XML is nested deeper than {DEPTH} levels"
            raise UsageError(what, where=name)
        builder.start(tag.rpartition(":")[2], attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag.rpartition(":")[2])

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse(name, "a DOCTYPE")
    parser.EntityDeclHandler = _refuse(name, "an entity")
    return parser


def _refuse(name: str, what: str) -> Callable[..., None]:
    def handler(*_arguments: object) -> None:
        message = f"this XML declares {what}, which no test report needs: refused"
        raise UsageError(message, where=name, fix="remove the declaration")

    return handler
