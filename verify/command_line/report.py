"""The command `python -m verify report`: a site of static pages on what was checked."""

from __future__ import annotations

import os
from pathlib import Path

import click

from theory import registry
from theory.language.errors import InvalidArgument
from verify.command_line.check import everything
from verify.command_line.complaint import complain
from verify.command_line.options import WrongUsage, salt_option
from verify.judging.budget import TOTAL
from verify.judging.plural import number
from verify.runs import files
from verify.runs.codes import UNFINISHED


@click.command()
@click.argument("file", required=False)
@click.option("--out", metavar="FOLDER", default="site", show_default=True,
              help="where the pages go; what else is there stays")  # fmt: skip
@click.option("--baseline", metavar="FILE", multiple=True,
              help="an earlier file of `check --json`: what changed since; or one of "
                   "`mutate --json`, or a baseline of the pytest plugin: mutation scores; may be "
                   "given again")  # fmt: skip
@salt_option(text="salt of all random numbers, without FILE")
@click.option("--budget", type=float, default=TOTAL, show_default=True,
              help="probability that true claims are refuted, without FILE")  # fmt: skip
@click.pass_context
def report(
    ctx: click.Context,
    /,
    file: str | None,
    out: str,
    baseline: tuple[str, ...],
    salt: str,
    budget: float,
) -> None:
    """Write a site: a page per theorem with statements, verdicts and pictures (extra `site`).

    FILE is what `check --all --json FILE` wrote, or `check --theorem NAME --json FILE`; without it
    everything is checked first. Open index.html in the folder: the pages need no network.

    Exit code: with FILE 0. Without it that of `check --all`.
    """
    try:
        import jinja2  # noqa: F401
        import latex2mathml  # noqa: F401
    except ImportError as error:
        raise WrongUsage(
            f"report needs jinja2 and latex2mathml: pip install 'theorem-gate[site]' ({error})"
        ) from None

    from verify.reporting import as_json
    from verify.reporting.site.build import built
    from verify.reporting.site.source import before, theorems

    pages = [f"{name}.{kind}" for name in registry.theorems() for kind in ("html", "svg")]
    files.check_folder("out", out, ["index.html", "style.css", *pages])
    earlier = before(baseline)
    code = 0
    if file is not None:
        _given_without(ctx, "salt", "budget")
        contents = theorems(file)
    else:
        code, found = everything(salt, budget, quiet=False)
        contents = as_json.read_back(found)
    made = built(contents, earlier)
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in made.items():
            files.write(str(folder / name), content)
    except OSError as error:
        complain(f"{out} was not written: {error.strerror or error}")
        ctx.exit(code or UNFINISHED)
    theorem = number(len(contents), "theorem")
    click.echo(f"written: {os.path.join(out, 'index.html')} and the pages of {theorem}")
    ctx.exit(code)


def _given_without(ctx: click.Context, *names: str) -> None:
    """Options of a check make no sense where its file is given."""
    for name in names:
        if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise InvalidArgument(name, ctx.params[name], "left out where FILE is given")
