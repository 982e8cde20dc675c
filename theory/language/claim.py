"""A claim: one inequality or identity of a theorem, with the premises under which it is made."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy as sp

from theory.language.errors import FailedPremise, InvalidArgument, OutOfRegime
from theory.language.evaluation import Arguments, Compiled
from theory.language.kinds import EXACT_PROBABILITY, Kind, Mode, Relation, check_kind
from theory.language.laws import distribution_function, lattice
from theory.language.numeric import Vector, exact, expand, replaced
from theory.language.text import latex, plain_text
from theory.language.validity import checked, free, named
from theory.language.vocabulary import Variable, Vocabulary, undocumented


@dataclass(frozen=True)
class Quantity:
    """What a claim speaks of: the key of a measured sample, and how to write it.

    least  what it never falls below, by what it is: 0 of a norm, -1 of a cosine. A lower bound
           that is no larger says nothing.
    """

    name: str
    text: str
    latex: str
    least: float = -math.inf


@dataclass(frozen=True)
class Statement:
    """The symbolic content of a claim.

    bound        the right-hand side, in documented symbols and `definitions`; for a claim in law a
                 law (`theory.laws`), multiplied and shifted at most
    premises     relations between documented symbols and definitions
    definitions  abbreviations in the order of their use, e.g. r, s, sigma
    parts        named expressions worth showing by themselves, e.g. rate, neighbourhood
    band         for an equality of means in a limit: the (lower, upper) envelope at finite size
    variance     a bound on Var X; it or `ceiling` is needed where a mean is tested from below
                 (`variance=oo`: nothing is known, and only a deterministic sample tests it)
    ceiling      of a claim in expectation: what X never exceeds; a larger value refutes it
    size, rate   for a claim in the limit: the symbol of the size n; the error falls like n^-rate
    history      for a recursion: the base whose entries j < index are the bound's own values
                 (those of the upper end of the band, where there is one)
    initial      for a recursion: its value at index 0
    index        the symbol that numbers the checkpoints (the round k)
    """

    bound: sp.Expr
    premises: tuple[sp.Basic, ...] = ()
    definitions: Mapping[Any, sp.Expr] = field(default_factory=dict)
    parts: Mapping[str, sp.Expr] = field(default_factory=dict)
    band: tuple[sp.Expr, sp.Expr] | None = None
    variance: sp.Expr | None = None
    ceiling: sp.Expr | None = None
    size: sp.Symbol | None = None
    rate: sp.Expr = sp.S.One
    history: sp.IndexedBase | None = None
    initial: sp.Expr | None = None
    index: sp.Symbol | None = None

    def subs(self, mapping: Mapping[sp.Symbol, Any], *premises: sp.Basic) -> Statement:
        """The statement with symbols replaced everywhere; `premises` are added to its own.

        Premises that the substitution makes true are dropped.
        """

        def put(_: str, expression: Any) -> Any:
            return replaced(expression, mapping)

        kept = [q for q in (put("", p) for p in self.premises) if q is not sp.true]
        return replace(self.mapped(put), premises=(*premises, *kept))

    def mapped(self, put: Callable[[str, Any], Any]) -> Statement:
        """The statement with put(name, formula) for every formula but the premises.

        Names are those of the fields, and of entries as `definitions[r]` and `parts['rate']`.
        """
        optional = ("variance", "ceiling", "initial")
        given = {name: e for name in optional if (e := getattr(self, name)) is not None}
        return replace(
            self,
            bound=put("bound", self.bound),
            rate=put("rate", self.rate),
            definitions={s: put(f"definitions[{s}]", e) for s, e in self.definitions.items()},
            parts={name: put(f"parts[{name!r}]", e) for name, e in self.parts.items()},
            band=self.band and (put("band", self.band[0]), put("band", self.band[1])),
            **{name: put(name, e) for name, e in given.items()},
        )

    def expand(self, expression: sp.Basic) -> sp.Basic:
        """The expression with all definitions written out."""
        return expand(expression, self.definitions)

    def outputs(self) -> list[sp.Expr]:
        """Every expression that is evaluated at the checkpoints, the bound first."""
        found = [self.bound, *self.parts.values(), *(self.band or ())]
        return found + [e for e in (self.variance, self.ceiling, self.initial) if e is not None]


@dataclass(frozen=True)
class Regime:
    """Where the premises of a claim hold: a truth value per point, and what fails."""

    holds: np.ndarray
    failures: tuple[FailedPremise, ...]


@dataclass(frozen=True)
class Evaluation:
    """The numbers of a claim at its points (each of the shape of the points)."""

    bound: np.ndarray
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    variance: np.ndarray | None = None
    ceiling: np.ndarray | None = None
    parts: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """One claim of a theorem. `build` makes the symbolic statement when it is first needed.

    name        unique, e.g. "link-1/main"
    source      theorem and equation number, and where it is printed
    kind        relation and mode
    quantity    the measured quantity it bounds
    vocabulary  meaning and domain of the symbols
    summary     one line in words
    confidence  name of the symbol whose value is the share of initialisations for which a claim in
                expectation (over the masks) may fail; empty: it holds for every initialisation
    """

    name: str
    source: str
    kind: Kind
    quantity: Quantity
    build: Callable[[], Statement] = field(compare=False, repr=False)
    vocabulary: Mapping[str, Variable] = field(
        default_factory=Vocabulary, compare=False, repr=False
    )
    summary: str = ""
    confidence: str = ""

    @classmethod
    def of(
        cls,
        name: str,
        bound: sp.Expr,
        *,
        kind: Kind,
        source: str,
        quantity: str = "measured",
        premises: Sequence[sp.Basic] = (),
        summary: str = "",
        confidence: str | sp.Symbol = "",
        **statement: Any,
    ) -> Claim:
        """A claim from a bound at hand; symbols that no vocabulary documents are real numbers.

        confidence  the symbol of the share of initialisations that may fail, or its name
        """
        content = Statement(bound, premises, **statement)  # type: ignore[arg-type]
        share = str(confidence) if isinstance(confidence, sp.Symbol) else confidence
        made = cls(name, source, kind, Quantity(quantity, quantity, quantity),
                   partial(replace, content), summary=summary, confidence=share)  # fmt: skip
        _ = made._compiled  # what is wrong with it is said here, where it is made
        return made

    def __post_init__(self) -> None:
        named("name", self.name)
        if not isinstance(self.kind, Kind):
            raise InvalidArgument("kind", self.kind, "a Kind such as UPPER_EXPECTATION")
        if not callable(self.build):
            raise InvalidArgument("build", self.build, "a function that returns the Statement")
        share = self.confidence
        if not isinstance(share, str) or not (share == "" or share.isidentifier()):
            allowed = "the name of a symbol such as 'delta', whose value the samples give"
            raise InvalidArgument("confidence", share, allowed)

    def __getstate__(self) -> dict[str, Any]:
        """The fields, with the statement in place of what builds it: claims survive pickling."""
        state = {each.name: getattr(self, each.name) for each in fields(self)}
        return state | {"build": partial(replace, self.statement)}

    @property
    def manner(self) -> str:
        """How it is claimed, in words: its kind, and where it may fail."""
        share = f"; for all but a share {self.confidence} of the initialisations"
        return f"{self.kind}{share if self.confidence else ''}"

    @cached_property
    def statement(self) -> Statement:
        statement = checked(self.name, self.build())
        from_below = self.kind.mode is Mode.EXPECTATION and self.kind.relation is not Relation.UPPER
        if from_below and statement.variance is None and statement.ceiling is None:
            allowed = f"given, or `ceiling`: {self.name} is a mean tested from below"
            raise InvalidArgument("variance", None, allowed)
        if from_below and statement.variance is not None and statement.ceiling is not None:
            allowed = f"left out where `variance` is given, not both: {self.name}"
            raise InvalidArgument("ceiling", statement.ceiling, allowed)
        if (statement.history is None) != (statement.initial is None):
            allowed = f"given with `initial`: they come together in {self.name}, a recursion"
            raise InvalidArgument("history", statement.history, allowed)
        check_kind(self.name, self.kind, statement)
        return statement

    @cached_property
    def distribution(self) -> Claim:
        """Of a claim in law: P(quantity <= value), as a claim in the symbol `value` beside its own.

        Of a lattice law the parts `step` and `origin` tell where its values are.
        """
        st, name = self.statement, "value"
        while name in self.variables or name in {str(s) for s in st.definitions}:
            name += "_"
        value = sp.Symbol(name, real=True)
        parts = {**st.parts, name: value, **lattice(st.bound)}
        content = replace(st, bound=distribution_function(st.bound, value), parts=parts)
        words = Quantity(
            self.quantity.name,
            f"P({self.quantity.text} <= {name})",
            rf"P({self.quantity.latex} \le {name})",
        )
        return replace(
            self, kind=EXACT_PROBABILITY, quantity=words, build=partial(replace, content)
        )

    def at(self, symbols: Mapping[str, Any], values: Any) -> tuple[Claim, dict[str, Any]]:
        """Of a claim in law: its `distribution`, and its symbols at values of the quantity."""
        (name,) = self.distribution.variables.keys() - self.variables.keys()
        return self.distribution, {**symbols, name: values}

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """The symbols whose values the claim needs, by name."""
        st = self.statement
        expressions = [*st.outputs(), *st.premises, *st.definitions.values()]
        expressions += [] if st.size is None else [st.size]
        own = {*st.definitions, st.history}
        found = {str(s): s for e in expressions for s in free(e) if s not in own}
        return MappingProxyType({name: self._variable(found[name]) for name in sorted(found)})

    def _variable(self, symbol: Any) -> Variable:
        known = self.vocabulary.get(str(symbol))
        if known is None:
            return undocumented(symbol)
        if known.symbol != symbol:
            allowed = f"the symbol that the vocabulary of {self.name} defines"
            raise InvalidArgument(str(symbol), symbol, allowed)
        return known

    def regime(
        self, values: Mapping[str, Any], beyond: Mapping[str, float] = MappingProxyType({})
    ) -> Regime:
        """Where the premises hold. Values outside a symbol's domain raise InvalidArgument.

        `beyond` replaces scalars by numbers that are not checked, such as counts above 2^53.
        """
        compiled, arguments = self._compiled, self._arguments(values)
        if beyond:
            put = zip(self.variables, arguments.values, strict=True)
            changed = tuple(np.asarray(beyond.get(name, value)) for name, value in put)
            arguments = replace(arguments, values=changed)
        holds, failures = np.ones(arguments.shape, dtype=bool), []
        tests = compiled.premises(arguments)
        for premise, here in zip(self.statement.premises, tests, strict=True):
            holds &= here
            if not here.all():
                point = tuple(np.argwhere(~here)[0]) if here.ndim else ()
                names = {str(s) for s in premise.free_symbols}
                at = compiled.at(arguments, point, names)
                sides = compiled.sides(arguments, point, premise)
                failures.append(FailedPremise(plain_text(premise), at, sides))
        return Regime(holds, tuple(failures))

    def evaluate(self, values: Mapping[str, Any], *, where: np.ndarray | None = None) -> Evaluation:
        """The bound and its companions at `values`, in float64.

        Scalars broadcast to the shape of the points; a recursion takes its index as 0, 1, ..., K.
        Raises OutOfRegime where a premise fails, unless `where` leaves those points out: they are
        then NaN. A law is no number: its `distribution` is evaluated.
        """
        self._check_number()
        if where is None:
            regime = self.regime(values)
            if not regime.holds.all():
                raise OutOfRegime(self.name, regime.failures)
        st, arguments = self.statement, self._arguments(values)
        if st.history is not None:
            self._check_recursion(values)
        rows = self._compiled.bounds(arguments)
        if where is not None:
            for row in rows:
                row[~np.broadcast_to(where, row.shape)] = np.nan
        rest = iter(rows[1:])
        parts = {name: next(rest) for name in st.parts}
        lower, upper = (next(rest), next(rest)) if st.band else (None, None)
        spread = next(rest) if st.variance is not None else None
        ceiling = next(rest) if st.ceiling is not None else None
        return Evaluation(rows[0], lower, upper, spread, ceiling, parts)

    def __call__(self, **values: Any) -> Any:
        """The bound alone: `claim(k=3, ...)`; raises OutOfRegime where a premise fails."""
        return self.evaluate(values).bound[()]

    def evaluate_exact(self, values: Mapping[str, Any], digits: int = 50) -> sp.Float:
        """The bound at one point to `digits` digits, from the same symbols: checks `evaluate`."""
        self._check_number()
        st = self.statement
        arguments = {v.symbol: values[name] for name, v in self.variables.items()}
        put = partial(exact, digits=digits, definitions=st.definitions)
        if st.history is None:
            return put(st.bound, arguments)
        assert st.initial is not None
        followed = st.band[1] if st.band else st.bound
        past = [put(st.initial, {**arguments, st.index: 0})]
        last = int(values[str(st.index)])
        for k in range(1, last + 1):
            here = {**arguments, st.index: k, st.history: np.array(past, dtype=object)}
            past.append(put(followed, here))
        if not st.band:
            return past[-1]
        here = {**arguments, st.index: last, st.history: np.array(past, dtype=object)}
        return put(st.bound, here)

    def text(self) -> str:
        """The statement in plain text: quantity, relation, bound; then definitions."""
        return "\n".join(self._lines(plain_text, self.quantity.text, self.kind.sign))

    def latex(self) -> str:
        """The statement as LaTeX (an aligned block)."""
        signs = {"<=": r"\le", "==": "=", ">=": r"\ge", "~": r"\sim", "->": r"\to"}
        lines = self._lines(self.in_latex, self.quantity.latex, signs[self.kind.sign])
        return "\\begin{aligned}\n" + " \\\\\n".join("& " + x for x in lines) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        """What notebooks show: the statement as a formula."""
        return f"$${self.latex()}$$"

    def in_latex(self, expression: sp.Basic) -> str:
        """An expression of the statement as LaTeX, its symbols as the vocabulary writes them."""
        named = {v.symbol: v.latex for v in self.vocabulary.values() if v.latex}
        return latex(expression, named)

    def _lines(self, write: Callable[[Any], str], quantity: str, sign: str) -> list[str]:
        st = self.statement
        lines = [f"{quantity} {sign} {write(st.bound)}"]
        if st.history is not None:
            lines.append(f"{write(st.history[0])} = {write(st.initial)}")
        if st.size is not None:
            limit = f"({write(st.bound)})" if st.bound.is_Add else write(st.bound)
            lines.append(f"{quantity} - {limit} = O({write(st.size**-st.rate)})")
        for name, e in st.definitions.items():
            entry = name[e.limits[0][0]] if isinstance(e, Vector) else name
            lines.append(f"{write(entry)} = {write(e)}")
        return lines

    @cached_property
    def _compiled(self) -> Compiled:
        statement = self.statement
        if self.kind.mode is Mode.LAW:  # its premises alone
            statement = replace(statement, bound=sp.S.Zero)
        return Compiled(statement, tuple(self.variables.values()))

    def _arguments(self, values: Mapping[str, Any]) -> Arguments:
        for name, variable in self.variables.items():
            if name not in values:
                meaning = variable.meaning or "a value"
                raise InvalidArgument(name, None, f"given for {self.name} ({meaning})")
        return self._compiled.arguments(values)

    def _check_number(self) -> None:
        if self.kind.mode is Mode.LAW:
            raise ValueError(f"{self.name} speaks of a law: evaluate its `distribution`")

    def _check_recursion(self, values: Mapping[str, Any]) -> None:
        index = np.asarray(values[str(self.statement.index)])
        if index.ndim != 1 or not np.array_equal(index, np.arange(len(index))):
            allowed = f"0, 1, ..., K, for the bound of {self.name} is a recursion"
            raise InvalidArgument(str(self.statement.index), index.tolist(), allowed)
