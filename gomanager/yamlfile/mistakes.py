"""What is wrong with a decoded YAML value, in words: the errors of a JSON Schema, all of them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

Place = tuple[str | int, ...]
"""Keys and list indexes from the top of a document to one of its values."""

_NAMES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


class Complaint(Struct, frozen=True, kw_only=True):
    """A mistake in a value, before its place in the text is known."""

    path: Place
    message: str
    suggestion: str | None = None
    key: bool = False
    """The mistake is the key itself, not its value."""


def near(word: str, known: Iterable[str]) -> str | None:
    """``did you mean 'x'?`` for the known word nearest to a typo."""
    from difflib import get_close_matches

    matches = get_close_matches(word, list(known), n=1)
    return f"did you mean '{matches[0]}'?" if matches else None


def schema_complaints(
    value: object, schema: Mapping[str, Any], raw: Mapping[Place, str]
) -> Iterator[Complaint]:
    """Every violation of the schema; ``raw`` gives plain scalars as they are written."""
    import jsonschema

    for error in jsonschema.Draft202012Validator(schema).iter_errors(value):
        yield from _explain(error, schema, raw)


def _explain(
    error: Any, schema: Mapping[str, Any], raw: Mapping[Place, str]
) -> Iterator[Complaint]:
    path: Place = tuple(error.absolute_path)
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})
            for key in error.instance:
                if key not in known:
                    yield _unknown_key((*path, key), error.schema, schema)
        case "required":
            for key in error.validator_value:
                if key not in error.instance:
                    yield Complaint(path=path, message=f"key '{key}' is missing")
        case "type":
            yield _wrong_type(path, error.instance, [error.validator_value], raw)
        case "enum" | "const":
            yield _wrong_word(path, error.instance, error.schema["enum"], raw)
        case "anyOf":
            yield _no_alternative(path, error, raw)
        case _:
            yield Complaint(path=path, message=_limit(error))


def _unknown_key(path: Place, here: Mapping[str, Any], schema: Mapping[str, Any]) -> Complaint:
    key = str(path[-1])
    known = here.get("properties", {})
    suggestion = near(key, known) or _elsewhere(key, here, schema)
    suggestion = suggestion or f"one of: {', '.join(known)}"
    return Complaint(path=path, message=f"unknown key '{key}'", suggestion=suggestion, key=True)


def _elsewhere(key: str, here: Mapping[str, Any], schema: Mapping[str, Any]) -> str | None:
    """Where a key belongs that stands one level too high or too low."""
    definitions = schema.get("$defs", {})
    for name, below in here.get("properties", {}).items():
        target = definitions.get(below.get("$ref", "").rsplit("/", 1)[-1], {})
        if key in target.get("properties", {}):
            return f"it belongs under '{name}'"
    reference = f"#/$defs/{here.get('title')}"
    for above in definitions.values():
        properties = above.get("properties", {})
        if key in properties and any(p.get("$ref") == reference for p in properties.values()):
            return "it belongs one level up"
    return None


def _wrong_type(
    path: Place, value: object, wanted: list[str], raw: Mapping[Place, str]
) -> Complaint:
    import json

    written = raw.get(path)
    if "string" in wanted and written is not None and not isinstance(value, str):
        return Complaint(
            path=path,
            message=f"{written or 'nothing'} is read as {_kind(value)}, not as a text",
            suggestion=f"quote it: {json.dumps(written, ensure_ascii=False)}" if written else None,
        )
    suggestion = None
    if wanted == ["array"] and not isinstance(value, dict | list) and written is not None:
        suggestion = f"write [{written}]"
    expected = " or ".join(_NAMES[name] for name in wanted)
    return Complaint(
        path=path, message=f"expected {expected}, found {_kind(value)}", suggestion=suggestion
    )


def _wrong_word(
    path: Place, value: object, words: list[object], raw: Mapping[Place, str]
) -> Complaint:
    written = raw.get(path, str(value))
    texts = [word for word in words if isinstance(word, str)]
    if isinstance(value, bool) and texts and not any(isinstance(w, bool) for w in words):
        return _wrong_type(path, value, ["string"], raw)
    if isinstance(value, dict | list):
        return Complaint(path=path, message=f"expected a word, found {_kind(value)}")
    return Complaint(
        path=path,
        message=f"'{written}' is not known here",
        suggestion=near(written, texts) or f"one of: {', '.join(map(_plain, words))}",
    )


def _no_alternative(path: Place, error: Any, raw: Mapping[Place, str]) -> Complaint:
    words: list[object] = []
    types: list[str] = []
    for option in error.validator_value:
        words += option.get("enum", [])
        types += [option["type"]] if "type" in option and "enum" not in option else []
        # A text that fails only its pattern or length is explained by that.
        if option.get("type") == "string" and isinstance(error.instance, str):
            for inner in error.context:
                if inner.validator in ("pattern", "maxLength", "minLength"):
                    return Complaint(path=path, message=_limit(inner))
    if words:
        words += [True, False] if "boolean" in types else []
        return _wrong_word(path, error.instance, words, raw)
    return _wrong_type(path, error.instance, types, raw)


def _limit(error: Any) -> str:
    value = _plain(error.instance)
    match error.validator:
        case "minimum":
            return f"{value} is less than {error.validator_value}"
        case "maximum":
            return f"{value} is more than {error.validator_value}"
        case "maxLength":
            return f"longer than {error.validator_value} characters"
        case "pattern":
            about = error.schema.get("description", "")
            return f"'{value}' has not the right form" + (
                f" ({about.rstrip('.')})" if about else ""
            )
        case _:
            return str(error.message)


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return f"the boolean {_plain(value)}"
        case int() | float():
            return f"the number {value}"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return f"a {type(value).__name__}"


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
