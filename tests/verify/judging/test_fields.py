"""Every field of a sample is checked and copied when it is made; shapes are checked per claim."""

import numpy as np
import pytest
import sympy as sp
import torch

from theory import (
    EXACT_EXPECTATION,
    EXACT_LAW,
    EXACT_LIMIT,
    EXACT_PATHWISE,
    LOWER_EXPECTATION,
    LOWER_PROBABILITY,
    UPPER_EXPECTATION,
    UPPER_PATHWISE,
    Claim,
    InvalidArgument,
    Kind,
    Mode,
    Relation,
)
from theory.language import laws
from verify.judging.fields import TOLERANCE
from verify.judging.sample import Sample
from verify.judging.verdict import Verdict, judge, judge_initialisations

x, k, u, v, delta = sp.symbols("x k u v delta", real=True)
LEVEL = 1e-6
E = np.random.default_rng(0).exponential(size=(5, 300))
NAN, INF = float("nan"), float("inf")


def claim(kind=UPPER_EXPECTATION, bound=x, name="c", **statement):
    return Claim.of(name, bound, kind=kind, source="s", **statement)


BAD_FIELDS = [
    *(
        ("scale", value)
        for value in (NAN, INF, -1.0, [1, 1, 1, NAN, 1], [1, 1, 1, -1e-300, 1], "1", None)
    ),
    *(("trivial", value) for value in (NAN, -INF, [1, 1, 1, NAN, 1], "1", None, 1j)),
    *(("share", value) for value in (NAN, -0.1, 1.1, 2.0, True, "1", None, [0.5], [0.5, 0.5])),
    *(("given", value) for value in (-1, 1.0, 0.5, NAN, True, "1", None, 6, [1])),
    *(("deterministic", value) for value in (1, 0, "no", None, NAN)),
    *(("control", value) for value in (np.full((5, 300), NAN), "1")),
    *(
        ("dtype", value)
        for value in ("float16", "int64", "double", np.float16, torch.bfloat16, int, 3, "")
    ),
    *(("symbols", value) for value in (None, [("x", 1.0)], {x: 1.5}, {1: 1.5}, {None: 1.0})),
]


@pytest.mark.parametrize(("field", "value"), BAD_FIELDS, ids=lambda v: str(v)[:20])
def test_fields_out_of_their_range_are_refused(field, value):
    """NaN would make every comparison pass: a scale of 0/0 hid a violated checkpoint."""
    with pytest.raises(InvalidArgument) as caught:
        Sample(E, **{"symbols": {"x": 1.5}, field: value})
    assert caught.value.name == field


@pytest.mark.parametrize("field", ["trivial", "scale", "control"])
@pytest.mark.parametrize("shape", [(6,), (300, 5), (1, 5), (5, 301), (2, 5, 300), (0,)])
def test_fields_of_another_length_are_refused(field, shape):
    with pytest.raises(InvalidArgument) as caught:
        Sample(E, **{field: np.ones(shape)})
    assert (caught.value.name, caught.value.value) == (f"{field}.shape", shape)


@pytest.mark.parametrize(
    "value",
    [None, NAN + 1j, "1.5", [1, None], {"a": 1}, np.ma.array([1.0, 2], mask=[0, 1]), 2**53 + 1],
)
def test_symbols_that_are_no_numbers_are_refused(value):
    with pytest.raises(InvalidArgument, match=r"^x = "):
        Sample(E, {"x": value})


@pytest.mark.parametrize(
    "values",
    [
        "1",
        [["1", "2"]],
        [[1, 2], [1]],
        [1 + 0j],
        [None, 1.0],
        np.ma.array([1.0, 2], mask=[0, 1]),
        np.array([2**53 + 1]),
        {"a": 1},
        np.array(["a"]),
        [1j],
    ],
)
def test_values_that_would_be_lost_are_refused(values):
    with pytest.raises(InvalidArgument, match=r"^values = "):
        Sample(values)


def test_good_fields_are_taken():
    made = Sample(
        E,
        {"x": np.float64(1.5)},
        trivial=[9.0, INF, 9, 9, 9],
        scale=np.ones((5, 300)),
        share=np.float64(0.5),
        given=np.int64(5),
        deterministic=np.False_,
        control=0 * E,
    )
    assert type(made.share) is float
    assert type(made.given) is int
    assert type(made.deterministic) is bool
    assert made.scale.shape == (5, 300)


# --- copies --------------------------------------------------------------------------------------


def test_what_is_handed_over_is_copied():
    arrays = {"trivial": np.full(5, 9.0), "scale": np.ones(5), "control": 0 * E}
    values = {"x": np.full(5, 1.5), "y": [1.0, 2.0], "z": 3.0, "t": torch.ones(5)}
    made = Sample(E, values, **arrays)
    for array in (*arrays.values(), values["x"], values["t"]):
        array[:] = -1
    values["y"].append(3.0)
    values["z"] = -1
    assert made.trivial.tolist() == [9] * 5
    assert made.scale.tolist() == [1] * 5
    assert not made.control.any()
    assert [np.sum(made.symbols[name]) for name in ("x", "y", "z", "t")] == [7.5, 3.0, 3.0, 5.0]
    for array in (made.trivial, made.scale, made.control, made.symbols["x"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_one_dictionary_for_many_samples():
    """Filled anew for each sample, as a loop over initialisations does."""
    values, samples = {}, []
    for bound in (0.2, 1.5):
        values["x"] = bound
        samples.append(Sample(0.9 * E, values))
    assert judge_initialisations(claim(), samples, LEVEL).verdict is Verdict.REFUTED
    assert judge_initialisations(claim(), samples[1:], LEVEL).verdict is Verdict.HOLDS


def test_symbols_that_are_scalars_stay_as_they_are():
    """Files of cases write them as they are."""
    made = Sample(E, {"a": 3, "b": 0.5, "c": np.float64(0.5), "d": True})
    assert [type(value) for value in made.symbols.values()] == [int, float, np.float64, bool]


# --- types of numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (E.astype(np.float32), "float32"),
        (torch.tensor(E, dtype=torch.float32), "float32"),
        (E, "float64"),
        ([np.float32(1.0), np.float32(2.0)], "float32"),
        ([1.0, 2.0], "float64"),
        (E > 1, "float64"),
        ([1, 2], "float64"),
        (torch.tensor(E), "float64"),
        ([torch.tensor(1.0), torch.tensor(2.0)], "float32"),
    ],
)
def test_the_type_of_the_values_decides_the_tolerance(values, dtype):
    assert Sample(values).dtype == dtype
    assert Sample(values).tolerance == TOLERANCE[dtype]


def test_float32_sums_are_compared_as_such():
    generator = torch.Generator().manual_seed(0)
    a, b = torch.rand(500, generator=generator), torch.rand(500, generator=generator)
    exact = claim(EXACT_PATHWISE, u + v)
    symbols = {"u": a.numpy(), "v": b.numpy()}
    assert judge(exact, Sample((a + b).numpy(), symbols), 0.0).verdict is Verdict.HOLDS
    assert judge(exact, Sample(a + b, {"u": a, "v": b}), 0.0).verdict is Verdict.HOLDS
    assert judge(exact, Sample(1.01 * (a + b), symbols), 0.0).verdict is Verdict.REFUTED
    assert judge(exact, Sample((a + b).double() + 1e-6, symbols), 0.0).verdict is Verdict.REFUTED


@pytest.mark.parametrize("dtype", ["float32", np.float32, np.dtype("float32"), torch.float32])
def test_types_have_many_names(dtype):
    assert Sample(E, dtype=dtype).dtype == "float32"


def test_float32_values_have_no_float64_accuracy():
    with pytest.raises(InvalidArgument, match=r"^dtype = 'float64': must be float32"):
        Sample(E.astype(np.float32), dtype="float64")


@pytest.mark.parametrize(
    "values",
    [
        E.astype(np.float16),
        torch.tensor(E).half(),
        torch.tensor(E).bfloat16(),
        [np.float16(1), 1.0],
    ],
)
def test_coarser_numbers_are_refused_with_the_remedy(values):
    with pytest.raises(InvalidArgument, match=r"^values\.dtype = .*float64 or float32"):
        Sample(values)


@pytest.mark.filterwarnings("error")
def test_tensors_are_taken_without_a_warning():
    tensor = torch.tensor(E)
    made = Sample(
        tensor, {"x": torch.tensor(1.5), "k": torch.arange(5)}, trivial=torch.full((5,), 9.0)
    )
    assert np.array_equal(made.values, E)
    assert judge(claim(bound=x + k), made, LEVEL).verdict is Verdict.HOLDS
    tensor[:] = 0
    assert np.array_equal(made.values, E)


@pytest.mark.parametrize("field", ["values", "x", "trivial", "scale"])
def test_tensors_with_a_gradient_are_refused_with_the_remedy(field):
    tensor = torch.ones(5, dtype=torch.float64, requires_grad=True)
    fields = {"values": E, "symbols": {}} | (
        {"symbols": {"x": tensor}} if field == "x" else {field: tensor}
    )
    with pytest.raises(InvalidArgument, match=rf"^{field} = .*{field}\.detach\(\)"):
        Sample(**fields)


# --- shapes against a claim ----------------------------------------------------------------------

RATE = claim(bound=x / (k + 1))
OFTEN = claim(LOWER_PROBABILITY)
SHAPES = [
    ("one curve", RATE, Sample(E[:, 0], {"x": 9.0, "k": np.arange(5)}), "k.shape", "(1,)"),
    ("k too long", RATE, Sample(E, {"x": 9.0, "k": np.arange(6)}), "k.shape", "(5,)"),
    ("k per seed", RATE, Sample(E, {"x": 9.0, "k": np.arange(300)}), "k.shape", "(5,)"),
    ("k per value", RATE, Sample(E, {"x": 9.0, "k": np.ones(E.shape)}), "k.shape", "(5,)"),
    (
        "trivial per value",
        RATE,
        Sample(E, {"x": 9.0, "k": 0}, trivial=9 + E),
        "trivial.shape",
        "(5,)",
    ),
    (
        "3-d",
        RATE,
        Sample(E[:, :, None], {"x": 9.0, "k": 0}),
        "values.shape",
        "(checkpoints, runs)",
    ),
    (
        "probability",
        OFTEN,
        Sample(np.ones(300), {"x": np.full(300, 0.9)}),
        "x.shape",
        "one for all",
    ),
    ("path", claim(UPPER_PATHWISE), Sample(E, {"x": np.ones(6)}), "x.shape", "(5, 300)"),
    (
        "path, per checkpoint",
        claim(UPPER_PATHWISE),
        Sample(E, {"x": np.ones(6)}),
        "x.shape",
        "(5,)",
    ),
    ("law", claim(EXACT_LAW, laws.Gamma(x)), Sample(E, {"x": np.ones(6)}), "x.shape", "(300,)"),
    (
        "square law",
        claim(EXACT_LAW, laws.Gamma(x)),
        Sample(E[:, :5], {"x": np.ones(5)}),
        "x.shape",
        "(1, 5),",
    ),
    (
        "path, scale",
        claim(UPPER_PATHWISE),
        Sample(E[:, :5], {"x": 9}, scale=np.ones(5)),
        "scale.shape",
        "(5, 1)",
    ),
]


@pytest.mark.parametrize(
    ("judged", "sample", "name", "wanted"), [row[1:] for row in SHAPES], ids=[r[0] for r in SHAPES]
)
def test_wrong_lengths_are_named(judged, sample, name, wanted):
    """Claim, argument, the shape that was given and the one that is wanted."""
    with pytest.raises(InvalidArgument) as caught:
        judge(judged, sample, LEVEL)
    field = name.removesuffix(".shape")
    given = np.shape(sample.symbols.get(field, getattr(sample, field, None)))
    assert (caught.value.name, caught.value.value) == (name, given)
    assert wanted in caught.value.allowed
    assert "c" in caught.value.allowed.split()


def test_lengths_that_do_not_fit_each_other_are_named():
    with pytest.raises(InvalidArgument, match=r"^x\.shape = \(6,\): must be \(\) or \(5,\)"):
        RATE.evaluate({"k": np.arange(5), "x": np.ones(6)})


# --- the judge's own arguments -------------------------------------------------------------------


@pytest.mark.parametrize("lowest", [-1e-17, -1.0])
def test_negative_values_are_named_with_the_remedy(lowest):
    values = np.where(E.min() == E, lowest, E)
    with pytest.raises(InvalidArgument, match=r"^values = -1.*c is tested .*shift.*np\.maximum"):
        judge(claim(), Sample(values, {"x": 1.5}), LEVEL)
    assert judge(claim(), Sample(np.maximum(values, 0), {"x": 1.5}), LEVEL).passed


def test_a_negative_variance_is_named():
    exact = claim(EXACT_EXPECTATION, variance=sp.Symbol("v"))
    with pytest.raises(InvalidArgument, match=r"^variance = -1.0: must be not negative, for c$"):
        judge(exact, Sample(E, {"x": 1.5, "v": -1.0}), LEVEL)


@pytest.mark.parametrize("wrong", [False, True])
def test_a_number_per_checkpoint_is_the_same_in_every_run(wrong):
    """On paths and in law, of symbols and of what is beside them; one per run is told apart."""
    scales, last = np.arange(1.0, 6.0), np.arange(5) == 4
    rows = E * scales[:, None]
    law = claim(EXACT_LAW, x * laws.Gamma(1))
    path = claim(UPPER_PATHWISE, x * u)
    for own in (scales, scales[:, None]):
        claimed = own * (1 + 3 * wrong * last.reshape(own.shape))
        found = judge(law, Sample(rows, {"x": claimed}, scale=own), LEVEL)
        assert found.passed is not wrong
        assert found.position // 300 == 4 or not wrong
        claimed = own * (1 - wrong * last.reshape(own.shape) / 2)
        known = Sample(rows, {"x": claimed, "u": E.max(axis=0)}, trivial=99 * own, scale=own)
        found = judge(path, known, 0.0)
        assert found.passed is not wrong
        assert found.position // 300 == 4 or not wrong


def test_values_that_are_no_truth_values_are_shown_as_numbers():
    with pytest.raises(
        InvalidArgument, match=r"^values = \[0\.0, 0\.5\]: must be 0 or 1 per trial$"
    ):
        judge(claim(LOWER_PROBABILITY), Sample([0.5, 0.0, 0.5], {"x": 0.5}), LEVEL)


def test_too_few_runs_are_counted():
    """Seeds in the place of checkpoints show in the numbers."""
    turned = judge(claim(), Sample(np.ravel(E)[:40, None], {"x": 1.5}), LEVEL)
    assert turned.verdict is Verdict.UNDERPOWERED
    assert turned.reason.endswith("by 1 run at each of 40 checkpoints")
    few = judge(claim(), Sample(np.ravel(E)[:3], {"x": 1.5}), LEVEL)
    assert few.reason.endswith("would not have been refuted by 3 runs")
    law = judge(claim(EXACT_LAW, laws.Gamma(x)), Sample(E[0, :3], {"x": 1.0}), LEVEL)
    assert law.reason.endswith("would not have been refuted by 3 values")
    limit = claim(EXACT_LIMIT, size=sp.Symbol("m"))
    limit = judge(limit, Sample(E[:3, :25], {"x": 1.0, "m": [1, 2, 4]}), LEVEL)
    assert limit.reason.endswith("would not have been refuted by 25 runs at each of 3 sizes")


@pytest.mark.parametrize("level", [NAN, -1e-6, 0.0, 1.0, 2.0, None, "1e-6"])
@pytest.mark.parametrize("kind", [UPPER_EXPECTATION, LOWER_PROBABILITY])
def test_levels_are_probabilities(kind, level):
    """At level NaN nothing would ever be refuted."""
    with pytest.raises(InvalidArgument, match=r"^level = .*c$"):
        judge(claim(kind), Sample(E > 1, {"x": 0.5}), level)


def test_no_sample_is_no_verdict():
    with pytest.raises(InvalidArgument, match=r"^samples = \[\]: .*c$"):
        judge_initialisations(claim(), [], LEVEL)


@pytest.mark.parametrize("shares", [(0.1, 0.2), (NAN, NAN), (-0.1, -0.1), (1.5, 1.5), (None, None)])
def test_initialisations_agree_on_the_share_that_may_fail(shares):
    made = Claim("c", "s", UPPER_EXPECTATION, claim().quantity, claim().build, confidence="delta")
    samples = [Sample(E, {"x": 9.0} | ({} if d is None else {"delta": d})) for d in shares]
    with pytest.raises(InvalidArgument, match=r"^delta = .*of c$"):
        judge_initialisations(made, samples, LEVEL)


@pytest.mark.parametrize("where", ["low", "var"])
def test_a_band_that_is_no_number_at_a_checkpoint_says_nothing(where):
    low, var = sp.symbols("low var", real=True)
    band = claim(EXACT_EXPECTATION, band=(sp.log(low), 1.2 + 0 * x), variance=sp.sqrt(var))
    good = {"x": 1.0, "low": np.full(2, np.e * 0.9), "var": np.ones(2)}
    values = np.tile(E.ravel() / E.mean(), (2, 1))
    assert judge(band, Sample(values, good), 1e-2).passed
    broken = good | {where: np.array([good[where][0], -1.0])}
    judgement = judge(band, Sample(values, broken), 1e-2)
    assert judgement.verdict is Verdict.VACUOUS
    assert "1 of 2" in judgement.reason


@pytest.mark.parametrize("kind", [LOWER_EXPECTATION, EXACT_EXPECTATION, UPPER_EXPECTATION])
def test_a_ceiling_that_is_no_number_at_a_checkpoint_says_nothing(kind):
    """Above an unknown ceiling no value could refute."""
    bound = 0.41 + 0 * x if kind is UPPER_EXPECTATION else 0.4 + 0 * x
    capped = claim(kind, bound, ceiling=sp.sqrt(sp.Symbol("top")))
    values = np.tile(np.random.default_rng(0).permutation(400) < 160, (2, 1))
    assert judge(capped, Sample(values, {"x": 1.0, "top": np.ones(2)}), 1e-6).passed
    judgement = judge(capped, Sample(values, {"x": 1.0, "top": np.array([1.0, -1.0])}), 1e-6)
    assert judgement.verdict is Verdict.VACUOUS
    assert "1 of 2" in judgement.reason


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (EXACT_LAW, "x"),
        *((k, f) for k in (UPPER_PATHWISE, EXACT_LAW) for f in ("trivial", "scale")),
    ],
)
def test_of_a_square_no_axis_is_guessed(kind, field):
    """One number per checkpoint would be taken as one per seed, which fits as well."""
    made = claim(kind, laws.Gamma(x) if kind is EXACT_LAW else 99 * x)
    numbers = {"x": 1.0, "trivial": 1e3, "scale": 0.0}

    def sample(shape):
        own = {name: np.full(shape, n) if name == field else n for name, n in numbers.items()}
        symbols = {"x": own.pop("x")}
        return Sample(E[:, :5], symbols, **own)

    for shape in ((), (5, 1)) if field == "x" else ((), (5, 5)):
        judge(made, sample(shape), LEVEL)
    allowed = rf"^{field}\.shape = \(5,\): must be \(5, 1\), one per checkpoint, or \(1, 5\)"
    with pytest.raises(InvalidArgument, match=allowed):
        judge(made, sample((5,)), LEVEL)


def test_trials_have_one_axis():
    """Checkpoints of one run are no independent trials: they would be counted as such."""
    with pytest.raises(InvalidArgument, match=r"^values\.shape = \(5, 300\): .*\(trials,\).* c$"):
        judge(OFTEN, Sample(E > 1, {"x": 0.5}), LEVEL)


@pytest.mark.parametrize("kind", [OFTEN.kind, EXACT_LIMIT])
def test_nothing_is_given_where_there_are_no_checkpoints(kind):
    limit = {"size": sp.Symbol("m")} if kind is EXACT_LIMIT else {}
    values = E[:3] if limit else E[0] > 1
    sample = Sample(values, {"x": 0.5, "m": [1, 2, 4]}, given=1)
    with pytest.raises(InvalidArgument, match=r"^given = 1: must be 0, for c is "):
        judge(claim(kind, **limit), sample, LEVEL)


def test_no_mode_is_left_out():
    for mode in (Mode.EXPECTATION, Mode.PATHWISE, Mode.PROBABILITY):
        for relation in (Relation.UPPER, Relation.LOWER):
            made = claim(Kind(relation, mode), variance=x)
            with pytest.raises(InvalidArgument, match=r"^x\.shape"):
                judge(made, Sample(E > 1, {"x": np.ones(7)}), LEVEL)
    for made in (
        Claim.of("law", laws.Normal(x), kind=EXACT_LAW, source="-"),
        Claim.of("limit", x, kind=EXACT_LIMIT, size=k, source="-"),
    ):
        with pytest.raises(InvalidArgument, match=r"^x\.shape"):
            judge(made, Sample(E, {"x": np.ones(7), "k": 1}), LEVEL)
