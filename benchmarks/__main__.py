"""`python -m benchmarks`: how fast the engines are, against their peers and the machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from benchmarks import deep, processes, trainers
from benchmarks.machine import description, use_cores
from benchmarks.peers import available
from benchmarks.report import compare, memory, roofline, scaling
from benchmarks.workloads import SCALING, WORKLOADS

SECTIONS = (
    "small",
    "ist",
    "wide",
    "paper",
    "scaling",
    "memory",
    "processes",
    "deep",
    *trainers.CONTESTS,
)


@click.command()
@click.argument("sections", nargs=-1, type=click.Choice(SECTIONS))
@click.option("--threads", default=None, type=int, help="cores to use [default: all]")
@click.option("--repeats", default=5, show_default=True, help="runs of each, in turn")
@click.option("--json", "file", type=click.Path(path_type=Path), help="write all numbers")
def main(sections: tuple[str, ...], threads: int | None, repeats: int, file: Path | None) -> None:
    """Time the engines; SECTIONS picks some (default: all)."""
    if threads:
        use_cores(threads)
    chosen = sections or SECTIONS
    found: dict[str, Any] = {"machine": description()}
    fast = "fused" if "fused" in available() else "torch"
    for name in WORKLOADS:
        if name not in chosen:
            continue
        if name == "paper":
            found[name] = roofline(repeats)
            click.echo(
                "paper: {paper_gflops:.1f} GFLOP/s of {gemm_gflops:.1f} (GEMM), "
                "{share:.0%} in turns; {share_of_own:.0%} of {own_gflops:.1f} (its own products); "
                "stream {stream_gbs:.1f} GB/s".format(**found[name])
            )
            continue
        peers = [peer for peer in available() if name in ("small", "ist") or peer in _ENGINES]
        found[name] = compare(WORKLOADS[name], peers, repeats)
        click.echo(f"{name}: ms per round and seed (best), of all cores, and ratio to {peers[0]}")
        for peer in peers:
            keys = ("milliseconds", "best", "core", "ratio")
            time, best, core, ratio = (found[name][key][peer] for key in keys)
            click.echo(f"  {peer:10} {time:10.3f} ({best:.3f}) {core:10.3f} {ratio:10.2f}")
    if "scaling" in chosen:
        found["scaling"] = {series: scaling(series, fast, repeats) for series in SCALING}
        for rows in found["scaling"].values():
            click.echo("; ".join(f"{row['name']}: {row['core']:.3g} ms" for row in rows))
    if "memory" in chosen:
        found["memory"] = memory()
        click.echo("; ".join(f"{key}: {GiB:.2f} GiB" for key, GiB in found["memory"].items()))
    if "processes" in chosen:
        engines = tuple(name for name in processes.ENGINES if name in available())
        found["processes"] = processes.measure(engines, repeats)
        for name, row in found["processes"].items():
            one, two = (turn["seconds a round"] for turn in row["turns"][-1])
            click.echo(
                f"{name}: {one:.4f} s a round in one process, {two:.4f} s in two, "
                f"ratio {row['ratio']:.2f} in turns"
            )
    if "deep" in chosen:
        found["deep"] = deep.measure(repeats)
        click.echo("deep: ms per step and network, of all cores, and ratio to the trainer")
        for peer in found["deep"]["ratio"]:
            time, core, ratio = (found["deep"][k][peer] for k in ("milliseconds", "core", "ratio"))
            click.echo(f"  {peer:10} {time:10.3f} {core:10.3f} {ratio:10.2f}")
        click.echo(
            "  {gflops:.1f} GFLOP/s of {gemm:.1f} (GEMM), {same_shape:.1f} (the same shape); "
            "{gigabytes:.1f} GB/s of weights, stream {stream:.1f}".format(**found["deep"])
        )
        shares = found["deep"]["shares"].items()
        click.echo("  in turns: " + ", ".join(f"{share:.0%} of {name}" for name, share in shares))
    for name, contest in trainers.CONTESTS.items():
        if name in chosen:
            found[name] = trainers.measure(contest(), repeats)
            click.echo("{title}: ms, of all cores, ratio to the first, error".format(**found[name]))
            for peer in found[name]["ratio"]:
                time, core, ratio, error = (
                    found[name][k][peer] for k in ("milliseconds", "core", "ratio", "error")
                )
                click.echo(f"  {peer:12} {time:10.3f} {core:10.3f} {ratio:10.2f} {error:10.1e}")
            click.echo("  {spared}: {share:.0%} of its time, in turns".format(**found[name]))
    if file:
        file.write_text(json.dumps(found, indent=1) + "\n")


_ENGINES = ("fused", "torch", "plain")

if __name__ == "__main__":
    main()
