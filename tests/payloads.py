"""The types of the server's messages for the browser's half: `python -m tests.payloads` writes tests/js/payloads.d.ts."""

import types
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

from resviz.draw import figure
from resviz.runs import told
from resviz.topic import FOLDER, PACKAGE
from resviz.ui import payloads

FILE = Path(__file__).parent / "js/payloads.d.ts"
HEAD = "// Made from the types in Python by `python -m tests.payloads`.\n\ndeclare namespace Payload {\n"
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null", Any: "any"}


def found() -> dict[str, Any]:
    """All typed dictionaries, by name: of the server, of figures, and of what topics draw themselves."""
    topics = (f"{PACKAGE}.{path.parent.name}.figures" for path in sorted(FOLDER.glob("*/*.js")))
    modules = [figure, told, payloads, *map(import_module, topics)]
    every = {name: kind for module in modules for name, kind in vars(module).items() if is_typeddict(kind)}
    return {name: kind for name, kind in sorted(every.items()) if not name.startswith("_")}


def written(kind: Any) -> str:
    """A type as TypeScript writes it."""
    if kind in PLAIN:
        return PLAIN[kind]
    if is_typeddict(kind):
        return kind.__name__
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (NotRequired, Required):
        return written(inner[0])
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in inner)
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(map(written, inner)))
    if origin is tuple:
        return f"[{', '.join(map(written, inner))}]"
    if origin in (list, Sequence):
        item = written(inner[0])
        return f"({item})[]" if "|" in item else f"{item}[]"
    if origin in (dict, Mapping):
        return f"Record<string, {written(inner[1])}>"
    raise TypeError(f"{kind}: no such type in TypeScript yet")


def interface(name: str, kind: Any) -> str:
    hints = get_type_hints(kind, include_extras=True)
    # Annotations are text here, so that `__required_keys__` does not know which of them may be left out.
    fields = [f"    {key}{'?' * (get_origin(hint) is NotRequired)}: {written(hint)};" for key, hint in hints.items()]
    return "\n".join([f"  interface {name} {{", *fields, "  }"])


def text() -> str:
    kinds = [interface(name, kind) for name, kind in found().items()]
    unions = [
        f"  type {name} = {written(getattr(module, name))};" for module, name in ((payloads, "Part"), (figure, "Bind"))
    ]
    changes = f"  type Changes = {written(payloads.Changes)};"
    return HEAD + "\n\n".join([*kinds, *unions, changes]) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
