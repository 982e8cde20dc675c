"""Writes the fixtures: `python -m tests.counterexamples.write` trains and judges every case anew.

In each file the first claim is false; the others, in the same configuration, are true.
"""

from pathlib import Path

from verify.experiments.masked_training.configuration import Configuration
from verify.runs import replay
from verify.runs.replay import Case, Recorded

LEVEL = 1e-8
HERE = Path(__file__).parent

MUTANTS = {
    "samples": 3, "data": "sphere", "dimension": 6, "init_scale": 0.2, "rounds": 8, "width": 4096,
    "seeds": 100, "xi": 0.6, "surrogates": 3, "zeta_lambda": 0.3,
}  # fmt: skip
NOISY = MUTANTS | {"data": "orthogonal", "init_scale": 1.0, "width": 2048, "surrogates": 8,
                   "local_steps": 1, "zeta_lambda": 0.6, "rounds": 5, "seeds": 400}  # fmt: skip
ONE_INPUT = {"data": "orthogonal", "samples": 1, "dimension": 1, "pilot_seeds": 4}

CASES = {
    # the squared initial weight scale that Theorem 7 takes as 1, alone and in its theorem
    "initial-loss": (
        ["published/initial-loss", "published/initial-loss/exact"],
        {"data": "orthogonal", "samples": 4, "dimension": 4, "init_scale": 3.0, "width": 64,
         "rounds": 1, "seeds": 1500},
        1,
    ),
    "theorem-7": (
        ["published/theorem-7", "identity/aggregation", "identity/dispersion"],
        ONE_INPUT | {"law": "categorical", "surrogates": 2, "local_steps": 1, "eta": 0.0625,
                     "width": 4096, "delta": 0.3, "init_scale": 1000.0, "rounds": 4, "seeds": 8},
        24,
    ),
    # theta - xi for theta - xi^2: at p = tau = 1 no noise is left
    "corollary-6": (
        ["published/corollary-6~without m >= *; max(K, d) <= n",
         "published/corollary-6/xi-squared~without m >= *; max(K, d) <= n", "main"],
        ONE_INPUT | {"xi": 0.95, "init_scale": 0.95, "surrogates": 1, "local_steps": 1,
                     "eta": 0.42, "width": 512, "delta": 0.01, "rounds": 200, "seeds": 64,
                     "target_scale": 3.0},
        6,
    ),
    # a neuron that is dead on the only input: the width is needed
    "theorem-3-narrow": (
        ["published/theorem-3~without m >= *", "published/theorem-3"],
        ONE_INPUT | {"xi": 1.0, "surrogates": 1, "local_steps": 1, "eta": 0.25, "width": 1,
                     "delta": 0.1, "rounds": 3, "seeds": 2},
        60,
    ),
    "dropped-theta": (
        ["limit-law~everywhere: theta -> 1", "limit-law"],
        MUTANTS | {"surrogates": 1},
        1,
    ),
    "dropped-share-of-surrogates": (
        ["limit-law~everywhere: V -> V*p", "limit-law", "link-1/sharp"], NOISY, 1
    ),
    "one-local-step-more": (
        ["limit-law~q: (1 - zeta*mu[i])**tau -> (1 - zeta*mu[i])**(1 + tau)", "limit-law"],
        MUTANTS, 1,
    ),
    "dropped-noise": (
        ["link-1/sharp~everywhere: V -> 0", "link-1/sharp"], MUTANTS | {"init_scale": 2.0}, 1
    ),
    "cubed-contraction": (
        ["main~bound: (1 - r)**2 -> (1 - r)**3", "main"],
        MUTANTS | {"data": "orthogonal", "surrogates": 1, "xi": 1.0, "init_scale": 0.1}, 1,
    ),
    "no-flips": (
        ["link-2~everywhere: nu -> 0", "link-2"],
        MUTANTS | {"width": 64, "init_scale": 0.1, "xi": 1.0, "local_steps": 1, "seeds": 2}, 1,
    ),
}  # fmt: skip


def main() -> None:
    for name, (claims, fields, initialisations) in CASES.items():
        rows = tuple(Recorded(replay.claim_named(claim).name, LEVEL, "HOLDS") for claim in claims)
        case = Case("masked-training", Configuration(**fields), name, initialisations, rows)
        found = replay.judge_again(case, replay.observe(case))
        judged = [(each.claim, each.samples, each.judgement) for each in found]
        (HERE / f"{name}.json").write_bytes(replay.to_json(case, judged, LEVEL))
        print(name, *(each.judgement for each in found), sep="\n  ")


if __name__ == "__main__":
    main()
