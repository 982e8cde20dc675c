"""How pessimistic the width requirement is: m*, the widths that suffice, and what loses how much.

A sweep over widths measures, with networks and masks of their own, the defect alpha (largest over
rounds and masks), the distance that neurons travel and the weight nu of the flips. All three fall
like m^{-1/2} in the lazy regime; the slopes are shown with confidence intervals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from theory import registry
from theory.language.code import compile_numpy
from theory.language.errors import InvalidArgument
from theory.theorems.masked_training.symbols import V, p, tau, theta, xi
from theory.theorems.masked_training.symbols import m as m_symbol
from theory.theorems.width_requirement import link_3
from verify.experiments.kit import Progress
from verify.experiments.width_requirement.configuration import Configuration
from verify.experiments.width_requirement.setting import Setting, prepare
from verify.training.masked.trials import measured

NETWORKS, MASKS = 12, 4
"""Networks per width, and mask sequences per network."""

SMALLEST = 16
"""The width at which a sweep starts."""

SERIES = ("alpha", "distance", "nu")
REQUIRED, LAZY_WIDTH, INFORMATIVE = "m*", "alpha <= r/4, measured", "main theorem informative"


@dataclass(frozen=True, eq=False)
class Sweep:
    """Measured at each width: arrays (widths, networks), largest over rounds and masks.

    informative  whether the main theorem, at the measured alpha and R, ends below ||e_0||^2
    residuals    sum over rounds of max_l ||e_k + z^l_k||, largest over the mask sequences
    eigenvalue   lambda_min(H_0); `trace` is tr Phi at W_0, `initial` ||e_0||
    """

    widths: np.ndarray
    alpha: np.ndarray
    distance: np.ndarray
    nu: np.ndarray
    residuals: np.ndarray
    contraction: np.ndarray
    eigenvalue: np.ndarray
    trace: np.ndarray
    initial: np.ndarray
    informative: np.ndarray


@dataclass(frozen=True)
class Slope:
    """A slope in log-log with a 95 % confidence interval; NaN where something is 0."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True, eq=False)
class Study:
    """The outcome: m* with its parts, the sweep, and widths by what they rest on.

    published  of each published statement for this law, the width it prints, with 1 for its
               constant
    sharpened  m* without one sharpening of the theory, and m* given W_0
    slack      m* with assumptions replaced by measurements, each replacing more than the one before
    """

    setting: Setting
    required: Mapping[str, float]
    sweep: Sweep
    slopes: Mapping[str, Slope]
    widths: Mapping[str, float]
    published: Mapping[str, float]
    sharpened: Mapping[str, float]
    slack: Mapping[str, float]

    @property
    def printed(self) -> float:
        """The width of the main published theorem for the law."""
        categorical = self.setting.configuration.law == "categorical"
        return self.published["published/theorem-7" if categorical else "published/theorem-3"]


def run(
    configuration: Configuration,
    *,
    salt: str,
    largest: int,
    progress: Progress | None = None,
) -> Study:
    """Evaluate m*, sweep widths up to `largest`, and replace assumptions by measurements."""
    setting = prepare(configuration, salt)
    found = sweep(setting, largest, progress)
    slopes = {name: slope(found.widths, getattr(found, name)) for name in SERIES}
    widths = {
        REQUIRED: setting.required["m_star"],
        LAZY_WIDTH: crossing(found.widths, 4 * found.alpha / found.contraction),
        INFORMATIVE: first(found.widths, found.informative),
    }
    return Study(
        setting, setting.required, found, slopes, widths,
        published_widths(setting), sharpened(setting, found), slack(setting, found),
    )  # fmt: skip


def sweep(setting: Setting, largest: int, progress: Progress | None = None) -> Sweep:
    """Train NETWORKS networks at each power of 2 from SMALLEST to `largest`."""
    if largest < 4 * SMALLEST:
        raise InvalidArgument("largest", largest, f"at least {4 * SMALLEST}")
    widths = 2 ** np.arange(int(np.log2(SMALLEST)), int(np.log2(largest)) + 1)
    total, done = float(widths.sum()) * NETWORKS, 0.0
    rows: list[list[dict[str, float]]] = []
    for width in widths.tolist():
        rows.append([])
        for trial in range(NETWORKS):
            rows[-1].append(measured(setting, width, trial, MASKS))
            done += width
            if progress:
                progress(done, total)
    names = (field.name for field in fields(Sweep) if field.name != "widths")
    return Sweep(
        widths,
        **{name: np.array([[found[name] for found in row] for row in rows]) for name in names},
    )


def slope(widths: np.ndarray, values: np.ndarray) -> Slope:
    """Least squares of log values on log widths over the wider half of the sweep.

    The networks of a width are independent; the narrower half is not yet in the lazy regime.
    """
    from scipy.stats import linregress, t

    wide = len(widths) // 2
    widths, values = widths[wide:], values[wide:]
    if not (values > 0).all():
        return Slope(float("nan"), float("nan"), float("nan"))
    x = np.repeat(np.log(widths), values.shape[1])
    fit = linregress(x, np.log(values).ravel())
    half = float(t.ppf(0.975, len(x) - 2) * fit.stderr)
    return Slope(float(fit.slope), float(fit.slope) - half, float(fit.slope) + half)


def crossing(widths: np.ndarray, ratio: np.ndarray) -> float:
    """The first width from which on the median of a ratio is at most 1.

    Beyond the sweep it is continued like m^{-1/2}, as the ratio falls in the lazy regime.
    """
    level = np.median(ratio, axis=1)
    found = first(widths, level[:, None] <= 1)
    return found if np.isfinite(found) else float(widths[-1] * level[-1] ** 2)


def first(widths: np.ndarray, holds: np.ndarray) -> float:
    """The first width from which on it holds for most; inf where there is none."""
    most = holds.mean(axis=1) > 0.5
    later = np.logical_and.accumulate(most[::-1])[::-1]
    return float(widths[np.argmax(later)]) if later.any() else float("inf")


def published_widths(setting: Setting) -> dict[str, float]:
    """The widths of the published statements for this law, as printed, with 1 for the constant."""
    values = {**setting.symbols, "d": setting.problem.d, "C_m": 1.0}
    found = {}
    for name, needed in printed_widths().items():
        premises = registry.claim(name).statement.premises
        if all(_is_true(q, values) for q in premises if _of_the_law(q)):
            found[name] = _solved(needed, values)
    return found


def printed_widths() -> dict[str, sp.Expr]:
    """What the published statements require of m, in our symbols; without their mended twins."""
    return {
        name: claim.statement.expand(premise.rhs)
        for name, claim in registry.claims("masked-training").items()
        if name.startswith("published/") and name.count("/") == 1
        for premise in claim.statement.premises
        if premise.lhs == m_symbol
    }


def _of_the_law(premise: sp.Basic) -> bool:
    return isinstance(premise, sp.Eq) and premise.lhs in (p, tau, theta, xi, V)


def _is_true(premise: sp.Basic, values: Mapping[str, Any]) -> bool:
    left, right = (float(side.subs(_known(side, values))) for side in premise.args)
    return bool(np.isclose(left, right, rtol=1e-12, atol=1e-15))


def _known(e: sp.Expr, values: Mapping[str, Any]) -> dict[sp.Symbol, Any]:
    return {symbol: values[str(symbol)] for symbol in e.free_symbols - {m_symbol}}


def _solved(width: sp.Expr, values: Mapping[str, Any]) -> float:
    """The least m with m >= width, where that may depend on m (as Theorem 3 does)."""
    known = {symbol: np.float64(value) for symbol, value in _known(width, values).items()}
    needed = compile_numpy([m_symbol, *known], [width])
    low, high = 0.0, 200.0
    while high - low > 1e-3:
        middle = (low + high) / 2
        at = np.float64(10.0**middle)
        low, high = (low, middle) if needed(at, *known.values())[0] <= at else (middle, high)
    return float(10.0**high)


def m_star(setting: Setting, definitions: Mapping[sp.Symbol, Any], **values: float) -> float:
    """m* from other definitions than those of the theory; `values` of further symbols."""
    claim = registry.claim("width/good-event")
    stated = {symbol: sp.sympify(e) for symbol, e in definitions.items()}
    twin = replace(claim, build=partial(replace, claim.build(), definitions=stated))
    symbols = {**setting.symbols, **values, "m": 1}
    return float(twin.evaluate(symbols, where=np.array(True)).parts["m_star"])


def sharpened(setting: Setting, found: Sweep) -> dict[str, float]:
    """m* without one sharpening of the theory; and given W_0, of the widest networks."""
    rougher = {name: m_star(setting, e) for name, e in link_3.coarser().items()}
    widest = {name: float(np.median(getattr(found, name)[-1])) for name in WIDEST}
    at = {"lambda": widest["eigenvalue"], "tr_Phi": widest["trace"]}
    given = m_star(setting, link_3.given_initialisation(), e0_sq=widest["initial"] ** 2, **at)
    return {**rougher, "given W_0": given}


CONCENTRATION = ("kernel", "trace", "averaging", "curvature")
"""The conditions that do not bound flips."""

WIDEST = ("eigenvalue", "trace", "initial")
SLACK = {
    "initial loss: ||e_0|| as measured": "initial",
    "sum of residuals as measured": "residuals",
    "distance travelled as measured": "distance",
    "flips as measured": "nu",
}


def slack(setting: Setting, found: Sweep) -> dict[str, float]:
    """m* with more and more of the theory replaced by what the widest networks showed.

    With the flips measured, the conditions that only bound them are gone.
    """
    widest = {name: float(np.median(getattr(found, name)[-1])) for name in SLACK.values()}
    m, R_w = float(found.widths[-1]), setting.required["R_w"]
    concentration = max(setting.required[name] for name in CONCENTRATION)
    others = max(concentration, setting.required["near"], setting.required["active"])
    masked = 2 if setting.algorithm.xi == 1.0 else 4
    allowed = masked * setting.required["q"]
    replaced = {
        "initial": m_star(setting, {**link_3.conditions(), link_3.E_0: widest["initial"]}),
        "residuals": m_star(setting, {**link_3.conditions(), link_3.total: widest["residuals"]}),
        # the two below fall like m^{-1/2}
        "distance": max(others, m * (widest["distance"] / R_w) ** 2),
        "nu": max(concentration, m * (widest["nu"] / allowed) ** 2),
    }
    return {text: replaced[name] for text, name in SLACK.items()}
