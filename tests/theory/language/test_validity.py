"""What a claim may hold is checked where it is made; one name stands for one claim."""

import copy
import pickle
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import sympy as sp

import theory
from theory import (
    EXACT_EXPECTATION,
    EXACT_LAW,
    EXACT_LIMIT,
    EXACT_PATHWISE,
    EXACT_PROBABILITY,
    LOWER_EXPECTATION,
    LOWER_PATHWISE,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
    UPPER_PROBABILITY,
    Claim,
    InvalidArgument,
    Mode,
    Statement,
    Theorem,
    Vocabulary,
)
from theory.language import laws
from theory.language.numeric import MaxOver, Vector
from theory.language.validity import distinct
from theory.language.vocabulary import POSITIVE, Variable

a, x, y, k = sp.symbols("a x y k")
t = sp.Symbol("t", positive=True)
i = sp.Symbol("i", integer=True)
B, s = sp.IndexedBase("B"), sp.IndexedBase("s")
matrix = sp.Matrix([[x]])

KINDS = [
    *(UPPER_EXPECTATION, EXACT_EXPECTATION, LOWER_EXPECTATION, UPPER_PATHWISE, EXACT_PATHWISE),
    *(LOWER_PATHWISE, UPPER_PROBABILITY, EXACT_PROBABILITY, LOWER_PROBABILITY),
    *(EXACT_LAW, EXACT_LIMIT),
]


def of(bound=x, name="c", **statement):
    return Claim.of(name, bound, kind=UPPER_EXPECTATION, source="s", **statement)


@pytest.mark.parametrize("share", [0.05, None, 1 - a, sp.Symbol("1 - a"), "1 - a", " "], ids=str)
def test_the_share_that_may_fail_is_the_name_of_a_symbol(share):
    """Not its value: with that the claim would have neither a digest nor a verdict."""
    with pytest.raises(InvalidArgument, match=r"^confidence = .* must be the name of a symbol"):
        of(confidence=share)


def test_the_share_that_may_fail_may_be_given_as_its_symbol():
    assert of(confidence=a) == of(confidence="a")
    assert of(confidence=a).confidence == "a"


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("part", ["band", "ceiling"])
def test_what_no_test_of_a_kind_looks_at_is_refused(kind, part):
    """A value above the ceiling refutes a mean; of a path or a share it would refute nothing."""
    needed = {"size": k} if kind == EXACT_LIMIT else {}
    needed |= {"variance": y} if kind == EXACT_EXPECTATION and part == "band" else {}
    needed |= {"variance": y} if kind == LOWER_EXPECTATION and part == "band" else {}
    used = kind == EXACT_EXPECTATION or (part == "ceiling" and kind.mode is Mode.EXPECTATION)
    bound = laws.Normal(x) if kind == EXACT_LAW else x
    claim = partial(Claim.of, "c", bound, kind=kind, source="s", **needed)
    content = {"band": (x, 2 * x), "ceiling": 2 * x}[part]
    if used:
        assert claim(**{part: content}).statement
        return
    with pytest.raises(InvalidArgument, match=rf"^{part} = .*: must be left out of c, .*{kind}"):
        claim(**{part: content})


NO_PREMISE = [
    *(a - 1, 0, 1.5, True, False, np.True_, None, "a<1", a.is_positive, sp.Symbol("a < 1"), matrix),
    *([a < 1], sp.Tuple(a < 1), sp.Q.positive(a), sp.Xor(a < 1, x < 1)),
    sp.Contains(a, sp.Interval(0, 1)),
]


@pytest.mark.parametrize("premise", NO_PREMISE, ids=repr)
def test_a_premise_is_a_condition(premise):
    with pytest.raises(InvalidArgument, match=r"^premises.* c\b"):
        of(premises=[premise])


@pytest.mark.parametrize("premises", [a < 1, "a < 1", None, 3, sp.true])
def test_premises_are_a_list_of_conditions(premises):
    with pytest.raises(InvalidArgument, match=r"^premises = .*list of relations in c"):
        of(premises=premises)


def test_a_premise_that_contradicts_the_assumptions_is_refused():
    with pytest.raises(InvalidArgument, match="contradicts"):
        of(premises=[t < 0])


def test_compound_premises_are_judged():
    claim = of(premises=[sp.And(a < 1, sp.Or(x > 2, sp.Not(sp.Eq(a, 0))))])
    holds = claim.regime({"a": [0.0, 0.0, 0.5, 1.5], "x": [1.0, 3.0, 1.0, 3.0]}).holds
    assert holds.tolist() == [False, True, True, False]


NO_BOUND = [
    x <= 1,
    sp.Eq(x, 1),
    "x+1",
    True,
    sp.true,
    [x],
    1j,
    matrix,
    sp.Interval(0, 1),
    x > 0,
]


@pytest.mark.parametrize("bound", NO_BOUND, ids=repr)
@pytest.mark.parametrize("where", ["bound", "variance", "initial", "parts", "band", "definitions"])
def test_a_bound_is_an_expression(where, bound):
    whole = {"parts": {"rate": bound}, "band": (x, bound), "definitions": {sp.Symbol("r"): bound}}
    statement = {"bound": x, where: whole.get(where, bound)}
    with pytest.raises(InvalidArgument, match=rf"^{where}.* c\b"):
        of(**statement)


def test_no_bound_is_none():
    with pytest.raises(InvalidArgument, match=r"^bound = None"):
        of(None)


@pytest.mark.parametrize(
    "number", [3, 3.0, np.float64(3), np.float32(3), np.int64(3), Fraction(3), sp.Integer(3)]
)
def test_numbers_are_bounds(number):
    claim = of(number, variance=number, parts={"rate": number})
    found = claim.evaluate({})
    assert float(found.bound) == float(found.variance) == float(found.parts["rate"]) == 3.0


f = sp.Function("f")
NOT_COMPUTABLE = {
    "Integral": sp.Integral(sp.exp(-(i**2)), (i, 0, 1)),
    "Derivative": sp.Derivative(f(x), x),
    "f": f(x),
    "erf": sp.Function("erf")(x),  # one of the user's, of a known name
    "closed form": sp.Sum(x**i, (i, 0, sp.oo)),
    "finite range": sp.Product(x, (i, -sp.oo, 0)),
    "zoo": sp.zoo,
    "nan": sp.nan,
    "ImaginaryUnit": sp.I * x,
    "zeta": sp.zeta(x),
    "LambertW": sp.LambertW(x),
    "Limit": sp.Limit(1 / x, x, 0),
    "MatrixElement": sp.MatrixSymbol("M", 2, 2)[0, 0],
    "constant 1000": sp.Integer(10) ** 400 * x,
    "the constant 1/1000": sp.Rational(1, 10**400) + x,
    "real number": sp.Symbol("w", imaginary=True) * x,
    "no real number": sp.Symbol("w", irrational=True) + x,
    "no finite range": sp.Sum(x, (i, 0, sp.Sum(x, (k, 0, sp.oo)))),
}  # fmt: skip


@pytest.mark.parametrize("what", NOT_COMPUTABLE)
def test_what_cannot_be_computed_is_refused_by_name(what):
    e = NOT_COMPUTABLE[what]
    makers = {"bound": lambda: of(e)}
    if e not in (sp.nan, sp.zoo):  # sympy makes no formula of them
        makers |= {
            "premises": lambda: of(premises=[e < 7 * y]),
            "parts": lambda: of(parts={"p": e}),
        }
        makers["bound"] = lambda: of(y * e)
    for where, make in makers.items():
        with pytest.raises(InvalidArgument, match=rf"^{where}.* in c: ") as caught:
            make()
        assert what in str(caught.value)


def test_registered_claims_pass_the_checks():
    for claim in theory.claims().values():
        assert claim.statement == claim.build(), claim.name


# --- statements ----------------------------------------------------------------------------------

r, q = sp.symbols("r q")
BAD = {
    "wrong order": ({"bound": r, "definitions": {r: q + 1, q: x}}, r"\[r\] = .*definition of q"),
    "of itself": ({"bound": r, "definitions": {r: r + 1}}, r"definition of r"),
    "of a number": ({"bound": x, "definitions": {1: x}}, "^definitions"),
    "by text": ({"bound": x, "definitions": {"r": x}}, "^definitions"),
    "a list": ({"bound": x, "definitions": [(r, x)]}, "dictionaries"),
    "scalar of a vector": ({"bound": r, "definitions": {r: Vector(s[i], (i, 0, 2))}}, "Vector"),
    "vector of a scalar": ({"bound": B[0], "definitions": {B: x}}, "Vector"),
    "no index": ({"bound": B[k - 1] * x, "history": B, "initial": x}, "^index = None"),
    "index by its name": ({"bound": x, "index": "x"}, "^index = 'x': .*the symbol"),
    "no initial": ({"bound": B[k - 1] * x, "history": B, "index": k}, "come together"),
    "half a band": ({"bound": x, "band": (x,)}, "^band"),
    "two assumptions": ({"bound": sp.Symbol("x", positive=True) + x}, "^x = x: .*assumptions"),
    "vector and scalar": ({"bound": s[0] + sp.Symbol("s")}, "^s = s"),
    "in a premise": ({"bound": t, "premises": [sp.Symbol("t") < 1]}, "^t = t"),
    "part without a name": ({"bound": x, "parts": {"": x}}, "parts of c"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_incomplete_statements_say_what_is_wrong(what):
    statement, message = BAD[what]
    with pytest.raises(ValueError, match=message):
        of(**statement)


def test_a_symbol_beside_that_of_the_vocabulary_is_refused():
    words = Vocabulary()
    words.symbol("x", "step", POSITIVE)
    quantity = theory.Quantity("q", "q", "q")
    claim = Claim("c", "s", UPPER_EXPECTATION, quantity, lambda: Statement(x + 1), words)
    with pytest.raises(InvalidArgument, match=r"^x = x: .*vocabulary of c"):
        claim.evaluate({"x": 1.0})


@pytest.mark.parametrize("name", [None, "", "  ", 3, "a\nb", b"rate", "\ud800", "tab\t", ("a",)])
def test_names_are_text(name):
    with pytest.raises(InvalidArgument, match=r"^name = "):
        of(name=name)


@pytest.mark.parametrize("kind", ["upper", None, theory.Mode.PATHWISE, 3])
def test_kinds_are_kinds(kind):
    with pytest.raises(InvalidArgument, match=r"^kind = "):
        Claim.of("c", x, kind=kind, source="s")


# --- assumptions ---------------------------------------------------------------------------------

ASSUMED = [
    ({"positive": True}, [1e-300, 2.0], [0.0, -0.5]),
    ({"nonnegative": True}, [0.0, 2.0], [-1e-300]),
    ({"negative": True}, [-1.0], [0.0, 1.0]),
    ({"nonpositive": True}, [0.0, -1.0], [1e-300]),
    ({"nonzero": True}, [-1.0, 1.0], [0.0]),
    ({"zero": True}, [0.0], [1e-300]),
    ({"integer": True}, [-3, 0, 2.0**60], [0.5, np.inf]),
    ({"integer": True, "positive": True}, [1, 7], [0, 1.5]),
    ({"integer": True, "nonnegative": True}, [0, 7], [-1, 1.5]),
    ({"even": True}, [-2, 0, 4], [1, 0.5]),
    ({"odd": True}, [-1, 3], [2, 0.5]),
    ({"prime": True}, [2, 7], [1, 4, 2.5]),
    ({"noninteger": True}, [0.5], [1.0]),
    ({"positive": False, "real": True}, [0.0, -2.0], [1.0]),
]


@pytest.mark.parametrize(("assumptions", "inside", "outside"), ASSUMED, ids=str)
def test_what_sympy_assumes_holds_for_the_values(assumptions, inside, outside):
    w = sp.Symbol("w", **assumptions)
    claim = of(w**2 + x)
    for value in inside:
        assert claim.evaluate({"w": value, "x": 1.0}).bound == value**2 + 1
    for value in outside:
        for given in (value, [inside[0], value]):
            with pytest.raises(InvalidArgument, match=r"^w = "):
                claim.evaluate({"w": given, "x": 1.0})


def test_entries_of_an_array_are_as_assumed():
    base = sp.IndexedBase("w", positive=True)
    claim = of(sp.Sum(base[i], (i, 0, 1)))
    assert claim.evaluate({"w": [1.0, 2.0]}).bound == 3
    with pytest.raises(InvalidArgument, match=r"^w = -1\.0"):
        claim.evaluate({"w": [3.0, -1.0]})


def test_a_premise_that_the_assumptions_make_true_is_kept_by_them():
    claim = of(x + t**2, premises=[t > 0])
    assert claim.statement.premises == ()
    assert claim.regime({"t": 0.5, "x": 1.0}).holds
    with pytest.raises(InvalidArgument, match=r"^t = -0\.5: must be in \(0, inf\)"):
        claim.regime({"t": -0.5, "x": 1.0})


# --- copies --------------------------------------------------------------------------------------


def test_claims_survive_pickling():
    claim = of(MaxOver(s[i] * r, (i, 0, 2)), definitions={r: x + 1}, premises=[x > 0])
    claim.evaluate({"s": [1.0, 2.0, 3.0], "x": 1.0})  # compiled code does not travel
    for other in (pickle.loads(pickle.dumps(claim)), copy.deepcopy(claim), copy.copy(claim)):
        assert other == claim
        assert other.statement == claim.statement
        assert other.evaluate({"s": [1.0, 2.0, 3.0], "x": 1.0}).bound == 6


def test_what_builds_a_claim_need_not_travel():
    quantity = theory.Quantity("q", "q", "q")
    claim = Claim("c", "s", UPPER_EXPECTATION, quantity, lambda: Statement(x + 1))
    other = pickle.loads(pickle.dumps(claim))
    assert other.statement == claim.statement
    assert other(x=1.0) == 2.0


@pytest.mark.parametrize("name", ["main", "coupled/frozen", "scaling/floors", "link-2"])
def test_registered_claims_survive_pickling(name):
    claim = theory.claim(name)
    other = pickle.loads(pickle.dumps(claim))
    assert (other, other.statement, other.text()) == (claim, claim.statement, claim.text())
    assert other.variables.keys() == claim.variables.keys()
    assert [v.meaning for v in other.variables.values()] == [
        v.meaning for v in claim.variables.values()
    ]


# --- one name, one claim -------------------------------------------------------------------------


def test_two_claims_of_one_name_do_not_meet():
    known = {}
    for same in (of(), of(), Claim.of("other", x + 1, kind=UPPER_EXPECTATION, source="s")):
        distinct(known, same)
    assert list(known) == ["c", "other"]
    differing = [of(x * y), of(premises=[x > 0]), of(parts={"rate": x}), of(quantity="another"),
                 Claim.of("c", x, kind=LOWER_PROBABILITY, source="s")]  # fmt: skip
    for claim in differing:
        with pytest.raises(InvalidArgument, match=r"^claim = 'c': must be the name of one claim"):
            distinct(known, claim)


def test_the_registry_refuses_two_claims_of_one_name(monkeypatch):
    monkeypatch.setattr(Theorem, "load_claims", lambda self: (of(), of()))
    with pytest.raises(InvalidArgument, match=r"^claim = 'c'"):
        theory.claims("masked-training")


def test_a_symbol_may_assume_more_than_its_domain():
    """0 is in the domain, and no value of the symbol."""
    variable = Variable(sp.Symbol("w", positive=True), "width", sp.Interval(0, sp.oo))
    assert variable.coerce(1e-300) == 1e-300
    with pytest.raises(InvalidArgument, match=r"^w = 0\.0: .*positive, as its symbol assumes"):
        variable.coerce(0.0)
    with pytest.raises(InvalidArgument, match=r"^w = -1\.0: must be in \[0, inf\) \(width\)$"):
        variable.coerce(-1.0)


def test_of_a_symbol_without_a_vocabulary_its_assumptions_are_named():
    claim = of(t + x)
    assert claim(t=1.0, x=-1.0) == 0
    for allowed, values in (
        (r"^t = 0\.0: must be in \(0, inf\), as its symbol assumes$", {"t": 0.0, "x": 1.0}),
        (r"^x = nan: must be a real number$", {"t": 1.0, "x": float("nan")}),
    ):
        with pytest.raises(InvalidArgument, match=allowed):
            claim(**values)
