"""The benchmarks start: what they import and call is there."""

import json

from click.testing import CliRunner

from benchmarks import __main__, processes


def test_all_sections_are_listed():
    assert "processes" in CliRunner().invoke(__main__.main, ["--help"]).output


def test_one_network_on_one_process():
    small = ["--width", "4096", "--engine", "torch", "--rounds", "1"]
    result = CliRunner().invoke(processes.main, small)
    found = json.loads(result.output)
    assert found["neurons of this process"] == found["width"] == 4096
    assert found["seconds a round"] > 0
