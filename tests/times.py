"""The table of times in tests/README.md, from the report of a whole run that passed:

    python -m pytest -n auto --junitxml times.xml
    python -m tests.times times.xml

Seconds are those of set-up, call and tear-down together, of one process; on a quiet machine.
"""

import os
import re
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

README = Path(__file__).parent / "README.md"
TABLE = re.compile(r"(?<=<!-- times -->\n).*?(?=<!-- end of times -->)", re.DOTALL)


def place(classname: str) -> str:
    """The folder of a test: of theorems and rooms their own; files at the top are one."""
    _, *path = classname.split(".")
    folders = path[: next(i for i, name in enumerate(path) if name.startswith("test_"))]
    return "/".join(folders[:2]) + "/" if folders else "test_*.py"


def table(report: str) -> str:
    """Folders by their time, the slowest first. ValueError for a run that says too little."""
    cases = list(ElementTree.fromstring(report).iter("testcase"))
    bad = [case.get("name") for case in cases if any(part.tag in BAD for part in case)]
    if bad or not cases:
        raise ValueError(f"times are those of a run that passed: {bad or 'no tests'}")
    seconds: Counter[str] = Counter()
    tests: Counter[str] = Counter()
    for case in cases:
        where = place(case.attrib["classname"])
        seconds[where] += float(case.attrib["time"])
        tests[where] += 1
    total = sum(seconds.values())
    rows = [f"| `{where}` | {tests[where]} | {time:.0f} | {100 * time / total:.0f} % |"
            for where, time in seconds.most_common()]  # fmt: skip
    all_ = f"| all, on {os.cpu_count()} cores | {len(cases)} | {total:.0f} | 100 % |"
    head = ["| folder | tests | seconds | share |", "| --- | ---: | ---: | ---: |"]
    return "\n".join([*head, *rows, all_, ""])


BAD = {"failure", "error", "skipped"}


def main(path: str) -> None:
    text, found = README.read_text(), table(Path(path).read_text())
    if not TABLE.search(text):
        raise ValueError(f"{README} has no place for times")
    README.write_text(TABLE.sub(lambda _: found, text))
    print(found, end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
