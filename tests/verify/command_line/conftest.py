"""The theorem of docs/adding-a-theorem.md as a user has it: files of a folder of its own."""

import importlib
import sys

import pytest

from tests.pages import ROOT, blocks
from theory import registry
from verify.runs import replay


@pytest.fixture
def kaczmarz(tmp_path, monkeypatch):
    """The folder, in which the process is; the theorem is registered, as the last one."""
    page = (ROOT / "docs" / "adding-a-theorem.md").read_text()
    files = {block.file: block.content for block in blocks(page) if block.file}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    known = dict(registry._THEOREMS)
    monkeypatch.setattr(registry, "_THEOREMS", dict(known))
    importlib.import_module("kaczmarz")
    new = registry._THEOREMS["kaczmarz"]
    monkeypatch.setattr(registry, "_THEOREMS", known | {"kaczmarz": new})
    replay.claim_named.cache_clear()
    yield tmp_path
    replay.claim_named.cache_clear()
    for name in files:
        sys.modules.pop(name.removesuffix(".py"), None)
