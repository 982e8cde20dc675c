"""Formulas that users write: their values, their form in sympy, and all that is no formula."""

import math

import mpmath as mp
import numpy as np
import pytest

from theory import InvalidArgument
from theory.language.formulas import LONGEST, NUMPY, TWO, Formula, Z

MEANT = {
    "tanh(x) + x/3": lambda z: math.tanh(z) + z / 3,
    "z^2 - 1": lambda z: z * z - 1,
    "-z**3/3 + +2e-1*z": lambda z: -(z**3) / 3 + 0.2 * z,
    "max(z, 0) - min(1, z)": lambda z: max(z, 0) - min(1, z),
    "relu(z - 0.5) + abs(z)": lambda z: max(z - 0.5, 0) + abs(z),
    "sqrt(1 + z**2)*sign(z)": lambda z: math.copysign(math.sqrt(1 + z * z), z),
    "exp(-z**2/2)/sqrt(2*pi)": lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi),
    "(z**2 + 1)**(1/3)": lambda z: (z * z + 1) ** (1 / 3),
    "(1 + z**2)**-0.5": lambda z: (1 + z * z) ** -0.5,
    "erf(z) + atan(z) + log(2 + z*z)":
        lambda z: math.erf(z) + math.atan(z) + math.log(2 + z * z),
    "sin(z) + cos(z) + tan(z) + sinh(z) + cosh(z)":
        lambda z: math.sin(z) + math.cos(z) + math.tan(z) + math.sinh(z) + math.cosh(z),
    " 7 ": lambda z: 7.0,
}  # fmt: skip


@pytest.mark.parametrize("text", MEANT)
def test_values_and_expression(text):
    """In float64, and to 50 digits; the shape is that of z, of a constant too."""
    z = np.array([[-1.3, -0.4], [0.7, 2.1]])
    formula = Formula("link", text)
    wanted = np.vectorize(MEANT[text])(z)
    np.testing.assert_allclose(formula(z), wanted, rtol=1e-13)
    assert formula(0.7).shape == ()
    for x, value in zip(z.flat, wanted.flat, strict=True):
        assert float(formula.expression.subs(Z, x).evalf(50)) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("text", ["tanh(x) + x/3", "(z**2 + 1)**(1/3)", "exp(-z**2/2)*erf(z)"])
def test_the_derivative_is_that_of_differences(text):
    formula = Formula("link", text)
    with mp.workdps(50):
        for x in (mp.mpf("-1.3"), mp.mpf("0.4")):
            slope = mp.diff(lambda t: mp.mpf(formula.expression.subs(Z, t).evalf(50)), x, h=1e-20)
            assert abs(formula.derivative.subs(Z, x).evalf(40) - slope) < 1e-25


def test_every_function_is_in_both_terms():
    for name in NUMPY:
        formula = Formula("link", f"{name}(z, 0.2)" if name in TWO else f"{name}(z)")
        assert float(formula(0.3)) == pytest.approx(float(formula.expression.subs(Z, 0.3)))


REFUSED = {
    "__import__('os').system('ls')": "__import__",
    "z.real": "z.real",
    "(lambda: z)()": "lambda",
    "[z for z in (1, 2)]": "for z in",
    "z if z > 0 else 0": "if",
    "z > 0": "z > 0",
    "z // 2": "z // 2",
    "not z": "not z",
    "True": "True",
    "1j*z": "1j",
    "'z'": "'z'",
    "y + 1": "it has y",
    "e**z": "e has|exponents",
    "x + z": "two variables",
    "cosine(z)": "cosine",
    "max(z)": "max takes 2 arguments",
    "sin(z, 1)": "sin takes 1 argument",
    "sin(x=z)": "sin takes 1 argument",
    "sin": "it has sin",
    "z**z": "exponents are numbers",
    "9**9**9": "exponents are numbers",
    "z**65": "an exponent is above 64",
    "z**(0/0)": "an exponent is above 64",
    "(((z**2)**2)**2)**2": "more than 3 deep",
    "1e200*z": "a number above 1e.100",
    "z +": "cannot be read",
    "": "cannot be read",
    "z\0": "cannot be read",
    "(" * 150 + "z" + ")" * 150: "characters",
    "+" * (LONGEST - 1) + "z": None,
    "z + " * 60 + "z": "characters",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_formula(text):
    """Nothing of it is run: it is refused while it is read."""
    if REFUSED[text] is None:
        assert float(Formula("link", text)(0.5)) == 0.5
        return
    with pytest.raises(InvalidArgument, match=REFUSED[text]) as error:
        Formula("link", text)
    assert error.value.name == "link"
    assert "a formula in z of numbers, pi" in str(error.value)


def test_the_largest_that_is_allowed_is_quick():
    """Powers three deep of the largest exponent: some hundred thousand digits, no more."""
    assert len(str(Formula("link", "9**64").expression)) == 62
    deep = Formula("link", "((9**64)**64)**64").expression
    assert deep.is_integer
    assert not np.isfinite(Formula("link", "((9**64)**64)**64")(0.0))
