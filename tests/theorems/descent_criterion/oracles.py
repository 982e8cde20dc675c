"""Oracles of the criterion: every symbol, field and event, by hand."""

import numpy as np

from tests.oracles import Near, Oracles
from tests.theorems.descent_criterion import by_hand
from tests.theorems.descent_criterion.ingredients import SLOPES, Ingredients


def per_trial(runs, symbols, fields):
    """Oracles of one quantity: its first sample, and those of the other trials."""

    def of(it, i):
        run, own = getattr(it, runs)[i], getattr(it, symbols)[i]
        values = fields(it, run, own)
        return {**values, "symbols": {**own, **values.get("symbols", {})}}

    return (lambda it: of(it, 0)), (
        lambda it: [of(it, i) for i in range(1, it.configuration.trials)]
    )


def steps(it):
    return np.arange(it.K + 1)


def losses(it, run):
    top = it.E_0**2
    return {"values": Near(run.loss, absolute=1e-13 * top), "trivial": top, "scale": top}


_PER_TRIAL = {
    "loss": per_trial("runs", "own", lambda it, run, own: {
        **losses(it, run), "symbols": {"k": steps(it)}}),
    "path": per_trial("runs", "own", lambda it, run, own: {
        "values": run.rho[1:], "symbols": {"k": steps(it)[1:]}}),
    "remaining": per_trial("runs", "own", lambda it, run, own: {
        "values": run.left, "scale": own["R"], "symbols": {"k": steps(it)}}),
    "residual": per_trial("runs", "own", lambda it, run, own: {
        "values": np.sqrt(run.loss), "trivial": it.E_0, "scale": it.E_0,
        "symbols": {"k": steps(it), "rho": run.rho}}),
    "singular_value": per_trial("runs", "own", lambda it, run, own: {
        "values": run.singular,
        "scale": 1e-3 * own["S_0"] ** 2 / max(min(run.singular), 1e-6 * own["S_0"]),
        "symbols": {"k": steps(it), "rho": run.rho}}),
    "initial_gram": per_trial("runs", "own", lambda it, run, own: {
        "values": run.net.jacobian(it.X) @ run.net.jacobian(it.X).T, "scale": own["S_0"] ** 2,
        "symbols": {"gram": it.X @ it.X.T}}),
    "defect": per_trial("runs", "own", lambda it, run, own: {
        "values": Near(np.linalg.norm(run.e - run.law, axis=1)[1:], absolute=1e-13 * it.E_0),
        "trivial": it.E_0, "scale": it.E_0, "symbols": it.law(run.net, run.eta)}),
    "fresh": per_trial("runs", "own", lambda it, run, own: {
        "values": run.path[-1].outputs(it.fresh), "scale": it.E_0,
        "symbols": {"fitted": run.fitted}}),
}  # fmt: skip
_PER_TRIAL |= {
    "one_layer_loss": per_trial("closed_runs", "closed", lambda it, run, own: {
        **losses(it, run), "symbols": {"k": steps(it)}}),
    "published_loss": per_trial("published_runs", "published", lambda it, run, own: {
        **losses(it, run), "symbols": {"k": steps(it)}}),
    "published_distance": per_trial("published_runs", "published", lambda it, run, own: {
        "values": run.from_last(), "scale": own["R"], "symbols": {"k": steps(it)}}),
}  # fmt: skip


def slope(quantity):
    return lambda it: {
        "values": it.near(quantity),
        "symbols": {
            "smallest": it.scales[0], "largest": it.scales[-1], "scales": len(it.scales),
        },
    }  # fmt: skip


def floor(it):
    share = it.configuration.share
    near = (it.floors >= 1 - share) & (it.floors <= 1 + share)
    return {
        "values": near.astype(float),
        "symbols": {"norm_a": it.configuration.output_norm or 256.0},
    }


def race(it):
    ours, theirs = it.races.T
    won = (ours <= theirs) & (ours <= it.configuration.race_steps)
    return {"values": won.astype(float)}


ORACLES = Oracles(
    ingredients=Ingredients,
    symbols={
        "n": lambda it: len(it.X),
        "d": lambda it: len(it.X.T),
        "H": lambda it: len(it.nets[0].layers) - 1,
        "E_0": lambda it: it.E_0,
        "epsilon": lambda it: it.configuration.epsilon,
        "lambda_X": lambda it: it.lowest,
        "gamma": lambda it: by_hand.SIGMA[it.configuration.activation][4],
        "odd": lambda it: int(it.configuration.activation != "centred-softplus"),
        "linear": lambda it: int(it.configuration.activation == "identity"),
        "tolerance": lambda it: it.configuration.tolerance,
        "share": lambda it: it.configuration.share,
    },
    samples={name: first for name, (first, _) in _PER_TRIAL.items()}
    | {f"slope_of_{name}": slope(name) for name in SLOPES}
    | {"floor": floor, "race": race},
    initialisations={name: others for name, (_, others) in _PER_TRIAL.items()},
)
