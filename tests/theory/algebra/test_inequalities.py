"""The algebra of the proofs: proved on its whole domain; what is wrong is refuted by a point."""

import importlib
import pkgutil
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
import sympy as sp

import theory.theorems.masked_training
from theory import InvalidArgument
from theory.algebra.inequalities import Inequality, Use, conjuncts
from theory.algebra.lemmas import weight as c
from theory.algebra.lemmas import x as x_
from theory.registry import inequalities, unproved
from theory.theorems.masked_training.inequalities import exact, link_1
from theory.theorems.masked_training.limit_law import mean_square
from theory.theorems.masked_training.stochastic_recursion import (
    displayed_form,
    main_theorem,
    scalar_form,
)
from theory.theorems.masked_training.symbols import V, alpha, nu, p, r, rho, s, sigma, tau, xi
from theory.theorems.width_requirement import inequalities as width_inequalities
from theory.theorems.width_requirement import link_3
from verify.audit import reals as _reals
from verify.audit.proof import Status, fails_at, prove, prove_all, table

LISTED = {entry.name: entry for entry in inequalities()}
x, y, z = sp.symbols("x y z", real=True)
u, C = sp.symbols("u C", nonnegative=True)
t, count = (
    sp.Symbol("t", integer=True, nonnegative=True),
    sp.Symbol("n", integer=True, positive=True),
)
Q = sp.Rational


@pytest.mark.parametrize("name", LISTED)
def test_proved(name):
    proof = prove(LISTED[name], LISTED)
    assert proof.status is Status.PROVED, str(proof)
    assert proof.seconds > 0


OPPOSITE = {
    sp.Le: sp.Gt,
    sp.Lt: sp.Ge,
    sp.Ge: sp.Lt,
    sp.Gt: sp.Le,
    sp.Eq: lambda left, right: sp.Eq(left, right + 1),
}


@pytest.mark.parametrize("name", LISTED)
def test_the_opposite_is_refuted(name):
    """So no domain is empty, and nothing is proved by contradiction."""
    entry = LISTED[name]
    first = conjuncts(entry.statement)[0]
    opposite = replace(entry, statement=OPPOSITE[type(first)](first.lhs, first.rhs))
    proof = prove(opposite, LISTED)
    assert proof.status is Status.REFUTED, str(proof)
    assert fails_at(opposite, proof.counterexample)


def without(name, *dropped):
    """The inequality on a larger domain."""
    kept = tuple(d for d in LISTED[name].domain if str(d) not in dropped)
    assert len(kept) == len(LISTED[name].domain) - len(dropped)
    return replace(LISTED[name], domain=kept)


def with_slip(name, old, new):
    """The inequality with one part of its statement replaced."""
    slipped = LISTED[name].statement.xreplace({old: new})
    assert slipped != LISTED[name].statement
    return replace(LISTED[name], statement=slipped)


WRONG = {
    "13/16 is 14/16": with_slip("displayed/contraction", Q(13, 16), Q(14, 16)),
    "both together, 13/16 is 14/16": with_slip("displayed/sum", -Q(13, 16), -Q(14, 16)),
    "c/2 for 1/c": with_slip("norm/square-of-a-sum", 1 / c, c / 2),
    "tau x for tau x/2": replace(LISTED["power/half"], statement=1 - (1 - x) ** t >= t * x),
    "r^3 for r^3/2": with_slip("displayed/square", r**3, 2 * r**3),
    "3r/17": with_slip("displayed/defect", Q(3, 16), Q(3, 17)),
    "rate 1 - 5r/6": with_slip("displayed/rate", -4 * r / 5, -5 * r / 6),
    "p xi/2 for p xi": with_slip("masks/held", p * xi, p * xi / 2),
    "a factor in Minkowski": with_slip("norm/minkowski", C**2, 2 * C**2),
    "x too large": without("power/reciprocal", "x <= 1"),
    "tau x too large": without("power/half", "t*x <= 1"),
    "alpha too large": without("displayed/contraction", "alpha <= r/4"),
    "alpha too large for the defect": without("displayed/defect", "alpha <= r/4"),
    "r above 1": without("displayed/neighbourhood", "r <= 1"),
    "rho unsigned": without("main/rises", str(LISTED["main/rises"].domain[0])),
    "kappa above 1": without("published/kappa", "kappa_pub <= 1"),
    "flips, 13/12 is 1": with_slip("width/flips", Q(13, 24), Q(1, 2)),
    "growth without its square": with_slip("width/growth", Q(4, 7), Q(2, 7)),
    "sigma, not sqrt(5)/2 of it": with_slip("width/round", sp.sqrt(5), sp.S(2)),
    "steps of 5": replace(LISTED["width/every-step"], statement=5 * tau * x_ <= 1),
    "theta as large as 2": without("width/stable-averaging", "theta <= 1", "r <= theta"),
    "tau + 1/5": with_slip("width/tau-hat", Q(1, 4), Q(1, 5)),
}


@pytest.mark.parametrize("slip", WRONG)
def test_planted_errors_are_refuted(slip):
    proof = prove(WRONG[slip], LISTED)
    assert proof.status is Status.REFUTED, str(proof)
    assert fails_at(WRONG[slip], proof.counterexample)
    assert str(WRONG[slip].statement) in str(proof)


def claim_with(build, **changes):
    """A statement builder with some of its fields changed by functions."""
    return lambda *args, **more: replace(
        build(*args, **more),
        **{name: change(getattr(build(*args, **more), name)) for name, change in changes.items()},
    )


def part(name, change):
    return lambda parts: {**parts, name: change(parts[name])}


def subs(old, new):
    return lambda e: e.subs(old, new)


EDITS = {
    "rho with alpha^2/4": (
        link_1, "main_theorem", main_theorem,
        {"definitions": part(rho, subs(alpha, alpha / 2))}, "main/squared",
    ),
    "rho with (1-r)^2/4": (
        link_1, "main_theorem", main_theorem,
        {"definitions": part(rho, subs(r, r + (1 - r) / 2))}, "main/squared",
    ),
    "neighbourhood with s^2/4": (
        link_1, "main_theorem", main_theorem,
        {"parts": part("neighbourhood", subs(s, s / 2))}, "main/squared",
    ),
    "bound without sigma": (
        link_1, "main_theorem", main_theorem, {"bound": subs(sigma, 0)}, "main/round",
    ),
    "scalar form with 2 s": (
        link_1, "scalar_form", scalar_form, {"bound": subs(s, 2 * s)}, "main/squared",
    ),
    "displayed rate 1 - 5r/6": (
        link_1, "displayed_form", displayed_form,
        {"parts": part("rate", lambda rate: 1 - Q(5, 6) * r)}, "displayed/contraction",
    ),
    "displayed noise s^2/r": (
        link_1, "displayed_form", displayed_form,
        {"parts": part("neighbourhood", subs(s, s / sp.sqrt(2)))}, "displayed/neighbourhood",
    ),
    "displayed defect (alpha sigma/r)^2": (
        link_1, "displayed_form", displayed_form,
        {"parts": part("neighbourhood", subs(sigma, sigma / 2))}, "displayed/neighbourhood",
    ),
    "premise alpha <= r/3": (
        link_1, "displayed_form", displayed_form,
        {"premises": lambda premises: (*premises[:2], alpha <= r / 3)}, "displayed/contraction",
    ),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_claim_breaks_the_proof(edit, monkeypatch):
    module, name, build, changes, broken = EDITS[edit]
    monkeypatch.setattr(module, name, claim_with(build, **changes))
    entry = next(e for e in (*link_1.recursion(), *link_1.displayed()) if e.name == broken)
    assert entry != LISTED[broken]
    proof = prove(entry, LISTED)
    assert proof.status is Status.REFUTED, str(proof)


def first_branch_times(factor, e):
    return e.replace(
        lambda part: isinstance(part, sp.Piecewise),
        lambda part: sp.Piecewise((factor * part.args[0].expr, part.args[0].cond), part.args[1]),
    )


WIDTH_EDITS = {
    "a weight of flips half as large again": (
        "allowed", lambda: {**link_3.allowed(), nu: Q(3, 2) * link_3.allowed()[nu]}, "width/weight"
    ),
    "thresholds that leave nothing to flips": (
        "thresholds", lambda: [2 * e for e in link_3.thresholds()], "width/split"
    ),
    "Bernstein without its linear term": (
        "bernstein", lambda variance, size, at, log: 2 * log * variance / at**2, "width/tail"
    ),
    "rounds that decay like (1 - r)^k": (
        "residual_sum", lambda chance: link_3.residual_sum(chance).subs(r, 4 * r / 3),
        "width/pathwise-rounds",
    ),
    "a weight of flips too large at xi = 1": (
        "allowed",
        lambda: {**link_3.allowed(), nu: first_branch_times(7, link_3.allowed()[nu])},
        "width/weight-full",
    ),
    "a threshold too large at one step": (
        "thresholds",
        lambda: (first_branch_times(5, link_3.thresholds()[0]), link_3.thresholds()[1]),
        "width/split-one-step",
    ),
    "tau for tau + 1/4": (
        "conditions",
        lambda: {k: v.subs(tau + Q(1, 4), tau) for k, v in link_3.conditions().items()},
        "width/travel",
    ),
}  # fmt: skip


@pytest.mark.parametrize("edit", WIDTH_EDITS)
def test_an_edited_width_breaks_the_proof(edit, monkeypatch):
    name, change, broken = WIDTH_EDITS[edit]
    edited = SimpleNamespace(**{**vars(link_3), name: change})
    monkeypatch.setattr(width_inequalities, "link_3", edited)
    entry = next(e for e in width_inequalities.build() if e.name == broken)
    assert entry != LISTED[broken]
    assert prove(entry, LISTED).status is Status.REFUTED


def test_an_edited_law_breaks_the_proof(monkeypatch):
    monkeypatch.setattr(exact.limit_law, "mean_square", lambda: mean_square().subs(V, 2 * V))
    entry = next(e for e in exact.law() if e.name == "limit-law/round")
    assert prove(entry, LISTED).status is Status.REFUTED


def claimed(statement, *domain, **more):
    return Inequality("claimed", "a test", statement, domain, **more)


SMALL = {
    "square": (claimed(x**2 + y**2 >= 2 * x * y), "proved"),
    "strict at a point": (claimed(x**2 + y**2 > 2 * x * y), "refuted"),
    "cubic": (claimed(x**3 >= x, x >= 1), "proved"),
    "sign of a denominator": (claimed(1 / x <= 1, x >= 1), "proved"),
    "denominator without a sign": (claimed(1 / x <= 2, x <= 1), "refuted"),
    "denominator that may vanish": (claimed(x / (x - y) <= x / (x - y) + 1), "unproved"),
    "negative denominator": (claimed(1 / x >= y / x, x < 0, y >= 1), "proved"),
    "root": (claimed(sp.sqrt(x) <= x, x >= 1), "proved"),
    "root below 1": (claimed(sp.sqrt(x) <= x, x >= 0), "refuted"),
    "root of what may be negative": (claimed(sp.sqrt(x) <= x + 1), "unproved"),
    "root in a denominator": (claimed(1 / sp.sqrt(x) <= 1, x >= 1), "proved"),
    "cube of a root": (claimed(x ** Q(3, 2) >= x, x >= 1), "proved"),
    "maximum": (claimed(sp.Max(x, y) <= x**2 + y**2 + Q(1, 4)), "proved"),
    "maximum too small": (claimed(sp.Max(x, y) <= x**2 + y**2), "refuted"),
    "irrational threshold": (claimed(x * (x**2 - 2) <= 0, x >= 0), "refuted"),
    "only the irrational point fails": (claimed(x > 0, sp.Eq(x**2, 2)), "unproved"),
    "at least 1": (claimed(count * (2 * count - 3) >= -1), "proved"),
    "integers, not the reals between": (claimed((count - 1) * (count - 2) >= 0), "unproved"),
    "false at a large integer": (claimed(count <= 5), "refuted"),
    "power without its lemma": (claimed((1 - u) ** t <= 1, u <= 1), "unproved"),
    "power that is false": (claimed((1 + u) ** t <= 1 + t * u), "refuted"),
    "no point": (claimed(y >= 1, x >= 1, x < 0), "unproved"),
    "two at once": (claimed(sp.And(x**2 >= 0 * y + x, x >= 0), x >= 1), "proved"),
    "the second is false": (claimed(sp.And(x**2 >= x, y >= 0), x >= 1), "refuted"),
    "induction": (claimed(2**t >= t + 1, induction=t), "proved"),
    "induction without a base": (claimed(2**t >= t + 2, induction=t), "refuted"),
    "induction whose step fails": (claimed(2**t >= t**2, induction=t), "refuted"),
    "true but not inductive": (claimed(2**t + 2 >= t**2, induction=t), "unproved"),
    "the domain grows": (claimed(x**t <= t + 1, t * x >= 1, x <= 1, induction=t), "unproved"),
}


@pytest.mark.parametrize("case", SMALL)
def test_small_statements(case):
    entry, status = SMALL[case]
    proof = prove(entry)
    assert proof.status.value == status, str(proof)
    assert bool(proof.counterexample) == (status == "refuted")
    assert bool(proof.reason) == (status == "unproved")


def test_too_little_effort_is_no_proof(monkeypatch):
    monkeypatch.setattr(_reals, "PROVING", (1, 60_000))
    proof = prove(LISTED["norm/minkowski"], LISTED)
    assert (proof.status, proof.counterexample) == (Status.UNPROVED, {})
    assert "beyond the effort" in proof.reason


def test_a_counterexample_is_what_its_symbols_assume():
    entry, negative = claimed(x >= u, x >= 0), sp.Symbol("w", negative=True)
    assert fails_at(entry, {x: Q(1), u: Q(2)})
    assert not fails_at(entry, {x: Q(-1), u: Q(2)})  # outside the domain
    assert not fails_at(entry, {x: Q(1), u: Q(1)})  # no failure
    assert not fails_at(claimed(count <= 5), {count: Q(11, 2)})
    assert prove(claimed(negative**3 <= x, x >= 0)).status is Status.UNPROVED


NONNEGATIVE = LISTED["power/nonnegative"]
b = next(iter(NONNEGATIVE.domain)).lhs
AT_MOST_ONE = (1 - u) ** t <= 1


@pytest.mark.parametrize(
    ("domain", "base", "status"),
    [((u <= 1,), 1 - u, "proved"), ((u <= 2,), 1 - u, "unproved"), ((u <= 1,), u, "unproved")],
    ids=["applies", "outside its domain", "of another base"],
)
def test_what_is_cited_must_apply(domain, base, status):
    lemma_t = NONNEGATIVE.induction
    entry = claimed(AT_MOST_ONE, *domain, given=(Use("power/at-most-one", {b: base, lemma_t: t}),))
    assert prove(entry, LISTED).status.value == status


def test_what_is_cited_must_apply_to_its_symbols():
    lemma = replace(claimed(u**3 + 1 >= u), name="lemma")
    entry = claimed(x**3 + 1 >= x, x <= 5, given=(Use("lemma", {u: x}),))
    assert prove(lemma).status is Status.PROVED
    assert prove(entry, {"lemma": lemma}).status is Status.REFUTED


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: claimed(sp.true), "neither true nor false"),
        (lambda: claimed(u >= 0), "neither true nor false"),
        (lambda: claimed(x >= 0, sp.Ne(x, 1)), "neither true nor false"),
        (lambda: claimed(sp.Ge(sp.Symbol("w"), 0)), "must be real"),
        (lambda: prove(claimed(sp.exp(x) >= 1)), "whole powers"),
        (lambda: prove(claimed(x >= 0, given=(Use("power/absent"),)), LISTED), "proved before"),
        (lambda: prove(claimed(x >= 0, induction=x)), "nonnegative or positive"),
        (
            lambda: prove(
                claimed(x >= 0, given=(Use("power/nonnegative", {NONNEGATIVE.induction: y}),)),
                LISTED,
            ),
            "an integer",
        ),
    ],
    ids=["true", "true by assumption", "inequation", "complex", "transcendental", "not listed",
         "induction on a real", "real for integer"],
)  # fmt: skip
def test_wrong_use(build, message):
    with pytest.raises(InvalidArgument, match=message):
        build()


def test_without_the_solver(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(_reals, "import_module", absent)
    with pytest.raises(InvalidArgument, match=r"pip install 'theorem-gate\[proof\]'"):
        prove(LISTED["displayed/sum"])


def test_what_rests_on_a_false_lemma_is_not_proved():
    wrong = replace(LISTED["power/at-most-one"], statement=b**NONNEGATIVE.induction <= Q(1, 2))
    names = ("power/nonnegative", "power/at-most-one", "power/falling")
    chain = [wrong if name == wrong.name else LISTED[name] for name in names]
    statuses = [proof.status.value for proof in prove_all(chain)]
    assert statuses == ["proved", "refuted", "unproved"]
    with pytest.raises(InvalidArgument, match="proved before"):
        list(prove_all(reversed(chain)))


def test_the_table():
    names = ("power/nonnegative", "displayed/sum", "displayed/contraction")
    proofs = list(prove_all([LISTED[name] for name in names[:2]] + [WRONG["13/16 is 14/16"]]))
    text = table(proofs, unproved())
    words = " ".join(text.split())
    assert all(name in text for name in names)
    assert "induction on t" in text
    assert re.search(r"displayed/contraction: refuted: .* fails at .*r = ", words)
    assert all(step.name in text for step in unproved())
    assert max(map(len, text.splitlines())) <= 100


def test_every_equation_is_accounted_for():
    """Equation labels of the modules' docstrings: an inequality or a step outside names each."""
    package = theory.theorems.masked_training
    names = [m.name for m in pkgutil.iter_modules(package.__path__) if not m.ispkg]
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    label = re.compile(r"\((?:I|II|L|E)\.\d\)")
    stated = {found for module in modules for found in label.findall(module.__doc__ or "")}
    assert len(stated) == 11
    used = " ".join(entry.used_in for entry in (*LISTED.values(), *unproved()))
    assert stated - set(label.findall(used)) == set()


def test_what_is_cited_comes_first():
    names = list(LISTED)
    for entry in LISTED.values():
        assert all(names.index(use.name) < names.index(entry.name) for use in entry.given)
    with pytest.raises(InvalidArgument, match="theorem"):
        inequalities("absent")
