"""The fixed point against mpmath and closed cases; the edge against Silverstein's and matrices."""

import mpmath
import numpy as np
import pytest

from theory import InvalidArgument
from theory.mathematics.deterministic_equivalent import Spectrum, edge, equivalent

POWER = Spectrum(1.0 / np.arange(1, 17), np.full(16, 5.0))
SPIKED = Spectrum(np.array([5.0, 1.0, 0.01]), np.array([1.0, 3.0, 200.0]))
TAILED = Spectrum(np.array([2.0, 0.3]), np.array([4.0, 30.0]), tail=3.0)
WIDE = Spectrum(np.array([1e8, 1.0, 1e-9]), np.array([2.0, 10.0, 50.0]))
SPECTRA = {"power": POWER, "spiked": SPIKED, "tailed": TAILED, "wide": WIDE}
RIDGES = (0.0, 0.5, 30.0, -0.3, -0.9, -0.999)
"""Ridges; those below 0 are shares of the edge."""


def ridge_of(share, n, spectrum):
    return share if share >= 0 else -share * float(edge(n, spectrum)[0])


def precise(n, lam, spectrum):
    """The largest root to 40 digits: halving between a root of psi' and a point beyond."""
    with mpmath.workdps(60):
        pairs = [(mpmath.mpf(v), mpmath.mpf(c)) for v, c in zip(spectrum.values, spectrum.counts,
                                                               strict=True) if v > 0]  # fmt: skip

        def psi(k):
            return n * k - sum(c * v * k / (v + k) for v, c in pairs) - spectrum.tail - lam

        def slope(k):
            return n - sum(c * v**2 / (v + k) ** 2 for v, c in pairs)

        def halved(f, low, high):
            for _ in range(220):
                middle = (low + high) / 2
                low, high = (low, middle) if f(middle) > 0 else (middle, high)
            return high

        top = mpmath.mpf(10) ** 12
        floor = (
            mpmath.mpf(0)
            if spectrum.tail
            else -min(v for v, _ in pairs) * (1 - mpmath.mpf(10) ** -40)
        )
        least = floor if slope(floor) > 0 else halved(slope, floor, top)
        kappa = halved(psi, least, top)
        g = sum(c * v**2 / (v + kappa) ** 2 for v, c in pairs) / n
        return least, kappa, g


@pytest.mark.parametrize("n", [3, 40, 79, 200])
@pytest.mark.parametrize("name", SPECTRA)
def test_against_fifty_digits(name, n):
    """kap and g to rounding, which close to the edge, where g = 1, is that of a square root."""
    spectrum = SPECTRA[name]
    for share in RIDGES:
        lam = ridge_of(share, n, spectrum)
        least, kappa, g = (float(x) for x in precise(n, lam, spectrum))
        found = equivalent(n, lam, spectrum)
        assert float(edge(n, spectrum)[1]) == pytest.approx(least, rel=1e-6, abs=1e-300)
        rounding = 1e-13 / max(1 - g, 1e-7)
        assert float(found.kappa) == pytest.approx(kappa, rel=rounding, abs=1e-30), share
        if g < 1 - 1e-6:
            assert float(found.g) == pytest.approx(g, rel=rounding)


def test_flat_spectrum():
    """Marchenko & Pastur: the edge, and ridgeless risk n/(p - n) or p/(n - p)."""
    for n, p in ((10, 40), (40, 10)):
        flat = Spectrum(np.array([2.0]), np.array([float(p)]))
        assert edge(n, flat)[0] == pytest.approx(-2 * (np.sqrt(p) - np.sqrt(n)) ** 2)
        found = equivalent(n, 0.0, flat)
        assert found.kappa == pytest.approx(max(0.0, 2 * (p / n - 1)))
        assert found.variance == pytest.approx(min(n, p) / abs(p - n))
        assert found.bias(np.array([3.0])) == pytest.approx(3 * max(0.0, 1 - n / p))
    assert equivalent(10, 0.0, Spectrum(np.ones(10))).variance > 1e12


def test_the_edge_is_that_of_silverstein_and_choi():
    """By their formula over a grid of u = log(-m min l - 1), for fewer directions than samples."""
    values, n = np.linspace(0.5, 4.0, 12), 40
    m = -(1 + np.exp(np.linspace(-18, 12, 40_001))) / values.min()
    silverstein = (-n / m + (values / (1 + values * m[:, None])).sum(1)).max()
    assert -edge(n, Spectrum(values))[0] == pytest.approx(silverstein, rel=1e-6)


@pytest.mark.parametrize("ratio", [4, 0.25])
def test_the_edge_is_the_least_eigenvalue(ratio):
    """Means over 200 matrices lie above it by a share of n^(-2/3) (Tracy & Widom)."""
    excess, elsewhere, rng = [], [], np.random.default_rng(0)
    for least in (24, 96):
        n, p = (least, int(ratio * least)) if ratio > 1 else (int(least / ratio), least)
        values = (np.arange(1, p + 1) / p) ** -0.5
        X = rng.standard_normal((200, n, p)) * np.sqrt(values)
        found = np.linalg.eigvalsh(X @ X.swapaxes(1, 2) if ratio > 1 else X.swapaxes(1, 2) @ X)
        mean = found[:, 0].mean()
        excess.append(-mean / edge(n, Spectrum(values))[0] - 1)
        elsewhere.append(-mean / edge(n, Spectrum(values**0.8))[0] - 1)
    assert 0 < excess[1] < 0.08
    # standard errors of some 8 % of the one, and 4 % of the other
    assert excess[1] == pytest.approx(excess[0] / 4 ** (2 / 3), rel=0.4)
    assert abs(elsewhere[1]) > 0.08, "the eigenvalues matter"


def test_multiplicities_and_tails_are_many_eigenvalues():
    repeated = Spectrum(np.repeat(SPIKED.values, SPIKED.counts.astype(int)))
    for lam in (0.0, 1.0, -0.5):
        assert equivalent(20, lam, SPIKED).kappa == pytest.approx(
            equivalent(20, lam, repeated).kappa
        )
    fine = Spectrum(np.append(TAILED.values, 3e-7), np.append(TAILED.counts, 1e7))
    for lam in (0.0, 1.0, -1.0):
        assert equivalent(20, lam, TAILED).kappa == pytest.approx(
            equivalent(20, lam, fine).kappa, rel=1e-5
        )
    assert edge(50, TAILED)[0] == -3.0, "fewer directions than samples: the tail is the ridge"
    assert equivalent(5, 1.0, Spectrum(np.zeros(1), tail=2.0)).kappa == pytest.approx(3 / 5)


def test_a_direction_of_no_variance_is_energy_that_nobody_expresses():
    found = equivalent(10, 1.0, Spectrum(np.array([1.0, 0.0]), np.array([30.0, 1.0])))
    alone = equivalent(10, 1.0, Spectrum(np.array([1.0]), np.array([30.0])))
    assert found.kappa == pytest.approx(alone.kappa)
    assert found.bias(np.array([0.0, 2.0])) == pytest.approx(2 / (1 - alone.g))
    assert equivalent(40, 0.0, found.spectrum).bias(np.array([1.0, 0.0])) == 0


def test_arrays_broadcast_and_below_the_edge_there_is_nothing():
    n, lam = np.array([[10.0], [20.0]]), np.array([-1e6, 0.0, 2.0])
    found = equivalent(n, lam, POWER)
    assert found.kappa.shape == found.g.shape == found.variance.shape == (2, 3)
    assert found.bias(np.ones(16)).shape == (2, 3)
    assert np.isnan(found.kappa[:, 0]).all()
    assert np.isnan(found.variance[:, 0]).all()
    assert np.isnan(found.bias(np.ones(16))[:, 0]).all()
    assert found.kappa[1, 2] == pytest.approx(float(equivalent(20, 2.0, POWER).kappa))
    assert np.isfinite(found.kappa[:, 1:]).all()


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Spectrum(np.ones((2, 2))), "values"),
        (lambda: Spectrum(np.array([1.0, -1.0])), "values"),
        (lambda: Spectrum(np.array([np.nan])), "values"),
        (lambda: Spectrum(np.zeros(2)), "values"),
        (lambda: Spectrum(np.ones(2), np.ones(3)), "counts"),
        (lambda: Spectrum(np.ones(2), np.array([1.0, 0.0])), "counts"),
        (lambda: Spectrum(np.ones(2), tail=-1.0), "tail"),
        (lambda: equivalent(0, 1.0, POWER), "n"),
        (lambda: edge(-1, POWER), "n"),
        (lambda: equivalent(3, np.nan, POWER), "lam"),
    ],
)
def test_bad_input(make, name):
    with pytest.raises(InvalidArgument) as caught:
        make()
    assert caught.value.name == name
