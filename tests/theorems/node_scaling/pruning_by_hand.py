"""Pruning and transfer by hand: networks one by one, nodes cut off, ridge regression."""

from functools import cached_property

import numpy as np

from tests.oracles import Near
from tests.verify.training.gradient_descent import by_hand
from verify.experiments.kit.slopes import median_interval
from verify.judging.seeds import numpy_generator
from verify.problems.data import load_problem

GAMMAS = (1.0, 0.5, 0.1)
KEPT = (1, 2, 4, 8, 16, 32)
"""Pairs that are kept of 128, in networks whose loss is looked at."""

DRAWS, ROWS = 8, 60
"""Networks in a median; digits that are trained on."""


def scalings(m, gamma, alpha):
    """lambda_j of the pairs: those of all m nodes sum to 1."""
    falling = [j ** (-1 / alpha) for j in range(1, m // 2 + 1)]
    return [gamma / m + (1 - gamma) * one / (2 * sum(falling)) for one in falling]


class Pruning:
    """What the oracles of (B.12), (B.13) and of transfer compute from."""

    @cached_property
    def looks(self):
        steps = self.configuration.steps
        return sorted({int(i * steps / 5) for i in range(6)})

    @cached_property
    def sets(self):
        """Kept pairs, each a set of their numbers."""
        pairs = self.m // 2
        counts = sorted({k for k in (0, 1, 4, pairs // 4, pairs - 1) if 0 <= k < pairs})
        order = numpy_generator("pruned", self.salt).permutation(pairs)
        chance = {j for j in range(pairs) if order[j] < pairs // 4}
        return [set(range(k)) for k in counts] + [chance]

    @cached_property
    def inputs(self):
        rng = numpy_generator("inputs", self.salt)
        rows = rng.standard_normal((6, self.X.shape[1]))
        norms = (0.1, 0.1, 1.0, 1.0, 10.0, 10.0)
        more = [r * x / np.linalg.norm(x) for r, x in zip(norms, rows, strict=True)]
        return [*self.X, *more]

    def cut_off(self, net, W):
        """|f(x) - f^K(x)| by sets and inputs, pair by pair."""
        x = np.array(self.inputs).T
        each = abs(net.s[::2, None]) * (np.maximum(W[::2] @ x, 0) - np.maximum(W[1::2] @ x, 0))
        return [abs(sum((each[j] for j in range(net.m // 2) if j not in kept), 0 * each[0]))
                for kept in self.sets]  # fmt: skip

    def travelled(self, net, W):
        moved = abs(net.s) * np.linalg.norm(W - net.W, axis=1)
        return [[sum(moved[r] for r in range(net.m) if r // 2 not in kept)] for kept in self.sets]

    @cached_property
    def kept_scalings(self):
        of = scalings(self.m, self.configuration.gamma, self.configuration.alpha)
        return [[sum(2 * of[j] for j in kept)] for kept in self.sets]

    # --- losses of pruned networks ---

    @cached_property
    def losses_of_all(self):
        """By gamma: (sweeps, kept), of whole networks too."""
        c, found = self.configuration, {}
        for gamma in sorted({*GAMMAS, c.gamma}):
            rows = []
            for trial in range(c.sweeps * DRAWS):
                of = scalings(256, gamma, c.alpha)
                net = by_hand.coupled(self.X, of, 1.0, f"{self.salt}/pruning {trial}")
                W = by_hand.descend(net, self.y, 1 / self.at["norm_X"] ** 2, 300).W[-1]
                terms = net.s[:, None] * np.maximum(W @ self.X.T, 0)
                rows.append([((terms[: 2 * k].sum(0) - self.y) ** 2).sum() for k in (*KEPT, 128)])
            sweeps = np.array(rows).reshape(c.sweeps, DRAWS, -1)
            found[gamma] = np.median(sweeps, axis=1)
        return found

    @cached_property
    def pruned_losses(self):
        return {gamma: rows[:, :-1] for gamma, rows in self.losses_of_all.items()}

    def cut_share(self, gamma):
        of = scalings(256, gamma, self.configuration.alpha)
        return [1 - sum(2 * x for x in of[:k]) for k in KEPT]

    @cached_property
    def pruning_slopes(self):
        gamma = self.configuration.gamma
        cut = self.cut_share(gamma)
        return np.array([by_hand.slope(cut, row) for row in self.pruned_losses[gamma]])

    # --- transfer ---

    @cached_property
    def transfer_risks(self):
        """By gamma: (draws, start and trained)."""
        c = self.configuration
        return {
            gamma: np.array([self.transfer(gamma, trial) for trial in range(c.sweeps)])
            for gamma in sorted({*GAMMAS, c.gamma})
        }

    def transfer(self, gamma, trial):
        salt = f"{self.salt}/transfer {trial}"
        found = load_problem("digits", samples=260, target_scale=1.0,
                             rng=numpy_generator("transfer", salt))  # fmt: skip
        values = sorted(set(found.y))
        label = np.array([values.index(y) for y in found.y])
        assert len(values) == 10
        even, large = np.where(label % 2 == 0, 1.0, -1.0), np.where(label > 4, 1.0, -1.0)
        net = by_hand.coupled(found.X[:ROWS], scalings(256, gamma, self.configuration.alpha), 1.0,
                              salt)  # fmt: skip
        eta = 1 / np.linalg.svd(found.X[:ROWS])[1][0] ** 2
        W = by_hand.descend(net, even[:ROWS], eta, 200).W
        return [self.ridge_risk(found.X, one, net.s, large) for one in (W[0], W[-1])]

    def ridge_risk(self, X, W, s, y):
        """In the features s_r 1{w_r x > 0} x, by the normal equations of the dual."""
        on = W @ X.T > 0
        features = np.array(
            [(s[:, None] * np.outer(on[:, i], X[i])).ravel() for i in range(len(X))]
        )
        seen = features[:ROWS]
        ridge = 0.01 * (seen**2).sum() / ROWS
        # the pull of each seen row
        pull = np.linalg.lstsq(seen @ seen.T + ridge * np.eye(ROWS), y[:ROWS])[0]
        error = features[ROWS:] @ (seen.T @ pull) - y[ROWS:]
        return float(error @ error) / len(error)


# --- samples -------------------------------------------------------------------------------------


def of_pruned(it, axes):
    """Certificates by trial, sets and inputs."""
    names = ("lambda", "theta_0", "nu", "near", "omega", "weight")
    rows = {name: np.array([one[name] for one in it.certificates]) for name in names}
    found = {name: Near(row.reshape(-1, *[1] * (axes - 1)), 1e-8, absolute=1e-300)
             for name, row in rows.items()}  # fmt: skip
    norms = [np.linalg.norm(x) for x in it.inputs]
    return found | {"kept": it.kept_scalings, "norm_x": norms, "uneven": 0.0}


def pruned_output(it):
    steps = it.configuration.steps
    runs = [by_hand.descend(net, it.y, it.eta, steps) for net in it.networks]
    values = [[it.cut_off(run.network, run.W[k]) for k in it.looks] for run in runs]
    travel = [[it.travelled(run.network, run.W[k]) for k in it.looks] for run in runs]
    near = Near(np.array(travel), 1e-8, absolute=1e-10)
    norms = np.array([np.linalg.norm(x) for x in it.inputs])
    return {
        "values": Near(np.array(values), 1e-8, absolute=1e-10),
        "scale": Near(np.array(travel) * norms, 1e-8, absolute=1e-9),
        "symbols": {**of_pruned(it, 4), "travel": near},
    }


def flow_pruned_output(it):
    values = np.array([it.cut_off(path.network, path.W[-1]) for path in it.flows])
    return {"values": Near(values, 0.01, 1e-4), "symbols": of_pruned(it, 3)}


def slope_of_pruning(it):
    near = abs(it.pruning_slopes - 2) <= it.configuration.tolerance
    gamma = it.configuration.gamma
    left = max(it.losses_of_all[gamma][:, -1]) / it.at["y_sq"]
    return {"values": near.astype(float),
            "symbols": {"left": Near(left**0.5, 1e-6, absolute=1e-13),
                        "cut": min(it.cut_share(gamma))}}  # fmt: skip


def transfer(it):
    before, after = it.transfer_risks[it.configuration.gamma].T
    return {"values": (after < before).astype(float)}


SAMPLES = {
    "pruned_output": pruned_output, "flow_pruned_output": flow_pruned_output,
    "slope_of_pruning": slope_of_pruning, "transfer": transfer,
}  # fmt: skip
OF_PRUNING = {
    "sweep/x": lambda it: KEPT,
    **{f"sweep/loss_{gamma:g}": lambda it, gamma=gamma: Near(
        np.median(it.pruned_losses[gamma], axis=0) / it.at["y_sq"], 1e-7) for gamma in GAMMAS},
    **{f"sweep/law_{gamma:g}": lambda it, gamma=gamma: np.square(it.cut_share(gamma))
       for gamma in GAMMAS},
}  # fmt: skip
OF_TRANSFER = {
    "sweep/x": lambda it: sorted(GAMMAS),
    **{f"sweep/{name}": lambda it, at=at: Near(
        [np.median(it.transfer_risks[gamma][:, at]) for gamma in sorted(GAMMAS)], 1e-7)
       for at, name in enumerate(("start", "trained"))},
}  # fmt: skip
"""Of the pictures."""


def notes(it):
    """The slopes and savings that are reported, with their intervals."""
    found = {}
    for gamma, loss in it.pruned_losses.items():
        cut = it.cut_share(gamma)
        rows = {"1 - lambda(K)": (cut, loss), "k": (KEPT[:4], loss[:, :4])}
        for of, (x, values) in rows.items():
            interval = median_interval(np.array([by_hand.slope(x, row) for row in values]))
            found[f"slope of the pruned loss in {of}, gamma = {gamma:g}"] = interval
    return found


def savings(it):
    return {f"risk that training saves on a second task, gamma = {gamma:g}":
            median_interval(risks[:, 0] - risks[:, 1]) for gamma, risks in it.transfer_risks.items()
            }  # fmt: skip
