"""Names that a package offers are imported when they are first used, as its stub lists them.

The stub `__init__.pyi` is the one list: type checkers and editors read it, and so does the package
(SPEC 1 of Scientific Python, https://scientific-python.org/specs/spec-0001/).
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

Offered = tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]


def offered(package: str, file: str) -> Offered:
    """`__getattr__`, `__dir__` and `__all__` of the package whose `__init__.py` is `file`.

    The stub beside it has lines `from MODULE import NAME as NAME` and no others.
    """
    stub = ast.parse(Path(file).with_suffix(".pyi").read_text("utf-8"))
    home = {
        alias.name: str(node.module)
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    def attribute(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = import_module(home[name])
        return getattr(found, name, None) or import_module(f"{home[name]}.{name}")

    return attribute, lambda: sorted(home), sorted(home)
