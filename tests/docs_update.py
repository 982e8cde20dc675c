"""Put what the commands of the docs print into the pages: `python -m tests.docs_update`.

Pages may be named (docs/widths.md). Blocks that still agree stay as they are, unless `--all` is
given. A block with `...` keeps its choice of lines: the most similar ones of the new output. Exit
code 1 where a page could not be run, or a line has no counterpart any more.
"""

from __future__ import annotations

import difflib
import sys

from tests.pages import LEFT_OUT, PAGES, ROOT, SECONDS, PageError, run_page

SIMILAR = 0.5


def main(arguments: list[str]) -> int:
    everything = "--all" in arguments
    failed = False
    for name in [a for a in arguments if a != "--all"] or PAGES:
        path = ROOT / name
        page, changed, shift = path.read_text(), 0, 0
        renewed = page
        try:
            for shown in run_page(page):
                if not (everything or shown.difference):
                    continue
                content, lost = renew(shown.block.content, shown.printed)
                for line in lost:
                    failed = True
                    print(f"{name}: nothing like this is printed: {line}")
                start, end = shown.block.start + shift, shown.block.end + shift
                renewed = renewed[:start] + content + renewed[end:]
                shift = len(renewed) - len(page)
                changed += content != shown.block.content
        except PageError as error:
            failed = True
            print(f"{name}: {error}")
        path.write_text(renewed)
        print(f"{name}: {changed} changed")
    return int(failed)


def renew(shown: str, printed: str) -> tuple[str, list[str]]:
    """The block with what is printed now, and lines that have no counterpart in it.

    A line that differs in its seconds alone stays.
    """
    known = {SECONDS.sub("", line): line for line in shown.splitlines()}
    lines = [line.rstrip() for line in printed.splitlines()]
    lines = [known.get(SECONDS.sub("", line), line) for line in lines]
    if LEFT_OUT not in map(str.strip, shown.splitlines()):
        return "\n".join(lines).strip("\n") + "\n", []
    found, lost, at = [], [], 0
    for line in shown.splitlines():
        if line.strip() == LEFT_OUT:
            found.append(line)
            continue
        close = [(difflib.SequenceMatcher(None, line.split(), new.split()).ratio(), -i)
                 for i, new in enumerate(lines[at:], at)]  # fmt: skip
        most, place = max(close, default=(0.0, 0))
        if most < SIMILAR:
            lost.append(line)
            continue
        found.append(lines[-place])
        at = 1 - place
    return "\n".join(found) + "\n", lost


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
