"""Probability laws as right-hand sides: 'this ratio is chi-squared with q degrees of freedom'.

A law is a symbolic expression with its parameters as arguments, so it may be multiplied and
shifted, `sigma**2 * ChiSquared(q) + 1`, and its parameters are slipped, printed and documented as
all symbols are. It stands for one random number: `2 * Normal()` is that number doubled.
`distribution_function` gives P(X <= value) as an expression, which evaluates in float64 and to any
number of digits.

    ChiSquared(q)            Gamma(shape), of mean `shape`     Normal(mean, deviation)
    Beta(a, b)               FisherF(d1, d2)                   StudentT(q)
    Binomial(trials, share)  Poisson(mean)                     Distribution(x, F(x))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp

from theory.language.errors import InvalidArgument

SNAP = 1e-9
"""Values of a lattice law are whole numbers to this relative error: they may have been scaled."""


class DistributionFunction(sp.Function):
    """A distribution function at a value: float64 by `special`, any precision by mpmath."""

    numeric = ""
    precise: Callable[..., Any]

    def _numpycode(self, printer: Any) -> str:
        return f"distributions.{self.numeric}({', '.join(map(printer._print, self.args))})"

    def _eval_evalf(self, prec: int) -> Any:
        if not all(arg.is_number for arg in self.args):
            return None
        with mpmath.workprec(prec + 20):
            found = type(self).precise(*(arg._to_mpmath(prec + 20) for arg in self.args))
        return sp.Float._new(mpmath.mpf(found)._mpf_, prec)


class GammaCdf(DistributionFunction):
    numeric = "gamma_cdf"

    @staticmethod
    def precise(shape: Any, x: Any) -> Any:
        return mpmath.gammainc(shape, 0, x, regularized=True) if x > 0 else 0


class NormalCdf(DistributionFunction):
    numeric = "normal_cdf"

    @staticmethod
    def precise(x: Any) -> Any:
        return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


class BetaCdf(DistributionFunction):
    numeric = "beta_cdf"

    @staticmethod
    def precise(a: Any, b: Any, x: Any) -> Any:
        return mpmath.betainc(a, b, 0, min(max(x, 0), 1), regularized=True)


class FCdf(DistributionFunction):
    numeric = "f_cdf"

    @staticmethod
    def precise(above: Any, below: Any, x: Any) -> Any:
        x = max(x, 0)
        return BetaCdf.precise(above / 2, below / 2, above * x / (above * x + below))


class TCdf(DistributionFunction):
    numeric = "t_cdf"

    @staticmethod
    def precise(degrees: Any, x: Any) -> Any:
        tail = BetaCdf.precise(degrees / 2, mpmath.mpf(1) / 2, degrees / (degrees + x**2)) / 2
        return tail if x < 0 else 1 - tail


class BinomialCdf(DistributionFunction):
    numeric = "binomial_cdf"

    @staticmethod
    def precise(trials: Any, share: Any, x: Any) -> Any:
        k = mpmath.floor(x + SNAP * (1 + abs(x)))
        if k < 0 or k >= trials:
            return int(k >= 0)
        return BetaCdf.precise(trials - k, k + 1, 1 - share)


class PoissonCdf(DistributionFunction):
    numeric = "poisson_cdf"

    @staticmethod
    def precise(mean: Any, x: Any) -> Any:
        k = mpmath.floor(x + SNAP * (1 + abs(x)))
        return mpmath.gammainc(k + 1, mean, regularized=True) if k >= 0 else 0


class Law(sp.Expr):
    """A law with its parameters; `lattice`: its values are 0, 1, 2, ..."""

    lattice = False
    is_number = False
    is_commutative = True
    is_extended_real = True
    is_finite = True

    def __new__(cls, *parameters: Any) -> Any:
        return super().__new__(cls, *map(sp.sympify, parameters))

    def cdf(self, x: Any) -> sp.Expr:
        """P(X <= x)."""
        raise NotImplementedError

    def _latex(self, printer: Any) -> str:
        inner = ", ".join(map(printer._print, self.args))
        return rf"\mathrm{{{type(self).__name__}}}({inner})"


class ChiSquared(Law):
    """Of the squared norm of q standard normal numbers."""

    def __new__(cls, q: Any) -> Any:
        return super().__new__(cls, q)

    def cdf(self, x: Any) -> sp.Expr:
        return GammaCdf(self.args[0] / 2, x / 2)

    def _latex(self, printer: Any) -> str:
        return rf"\chi^2_{{{printer._print(self.args[0])}}}"


class Gamma(Law):
    """Of density x^(shape-1) exp(-x)/Gamma(shape): its mean is `shape`; Gamma(1) exponential."""

    def __new__(cls, shape: Any) -> Any:
        return super().__new__(cls, shape)

    def cdf(self, x: Any) -> sp.Expr:
        return GammaCdf(self.args[0], x)


class Normal(Law):
    """With this mean and standard deviation."""

    def __new__(cls, mean: Any = 0, deviation: Any = 1) -> Any:
        return super().__new__(cls, mean, deviation)

    def cdf(self, x: Any) -> sp.Expr:
        mean, deviation = self.args
        return _where_positive(deviation, NormalCdf((x - mean) / deviation))


class Beta(Law):
    """Of density proportional to x^(a-1) (1-x)^(b-1) on [0, 1]; Beta(1, 1) is uniform."""

    def __new__(cls, a: Any, b: Any) -> Any:
        return super().__new__(cls, a, b)

    def cdf(self, x: Any) -> sp.Expr:
        return BetaCdf(*self.args, x)


class FisherF(Law):
    """Of (A/d1)/(B/d2), A and B independent chi-squared with d1 and d2 degrees of freedom."""

    def __new__(cls, d1: Any, d2: Any) -> Any:
        return super().__new__(cls, d1, d2)

    def cdf(self, x: Any) -> sp.Expr:
        return FCdf(*self.args, x)


class StudentT(Law):
    """Of Z/sqrt(C/q), Z standard normal, C independent chi-squared with q degrees of freedom."""

    def __new__(cls, q: Any) -> Any:
        return super().__new__(cls, q)

    def cdf(self, x: Any) -> sp.Expr:
        return TCdf(*self.args, x)


class Binomial(Law):
    """Of the number of successes in so many trials, each with probability `share`."""

    lattice = True

    def __new__(cls, trials: Any, share: Any) -> Any:
        return super().__new__(cls, trials, share)

    def cdf(self, x: Any) -> sp.Expr:
        return BinomialCdf(*self.args, x)


class Poisson(Law):
    """With this mean."""

    lattice = True

    def __new__(cls, mean: Any) -> Any:
        return super().__new__(cls, mean)

    def cdf(self, x: Any) -> sp.Expr:
        return PoissonCdf(*self.args, x)


class Distribution(Law):
    """With a continuous distribution function of one's own: Distribution(x, 1 - exp(-x**2)).

    Where x is assumed nonnegative, there are no values below 0.
    """

    def __new__(cls, x: Any, function: Any) -> Any:
        if not isinstance(x, sp.Symbol):
            raise InvalidArgument("x", x, "the symbol of the value in the distribution function")
        return super().__new__(cls, x, function)

    @property
    def free_symbols(self) -> set[Any]:
        return set(self.args[1].free_symbols) - {self.args[0]}

    def cdf(self, x: Any) -> sp.Expr:
        own, function = self.args
        found = function.xreplace({own: x})
        return sp.Piecewise((0, x < 0), (found, True)) if own.is_nonnegative else found

    def _latex(self, printer: Any) -> str:
        x, function = map(printer._print, self.args)
        return rf"\mathrm{{Law}}({x} \mapsto {function})"


def parts_of(expression: Any) -> tuple[Law, sp.Expr, sp.Expr]:
    """The law, the factor and the shift of `factor * law + shift`.

    Raises InvalidArgument for anything else.
    """
    found = expression.atoms(Law) if isinstance(expression, sp.Basic) else set()
    if len(found) == 1:
        (law,) = found
        t = sp.Dummy("t", real=True)
        line = expression.xreplace({law: t})
        factor = sp.diff(line, t)
        if not factor.has(t) and factor.is_positive is not False:
            return law, factor, line.xreplace({t: sp.S.Zero})
    allowed = "one law, at most multiplied by a positive number and shifted"
    raise InvalidArgument("bound", expression, allowed)


def distribution_function(expression: Any, value: sp.Symbol) -> sp.Expr:
    """P(X <= value) of a law, multiplied and shifted; NaN where the factor is not positive."""
    law, factor, shift = parts_of(expression)
    return _where_positive(factor, law.cdf((value - shift) / factor))


def lattice(expression: Any) -> dict[str, sp.Expr]:
    """`step` and `origin` of the values of a lattice law; empty for a continuous one."""
    law, factor, shift = parts_of(expression)
    return {"step": factor, "origin": shift} if law.lattice else {}


def _where_positive(factor: sp.Expr, expression: sp.Expr) -> sp.Expr:
    if factor.is_positive:
        return expression
    return sp.Piecewise((expression, factor > 0))  # else NaN
