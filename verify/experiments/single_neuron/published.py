"""One neuron with adversarial labels: experiments to run again."""

from __future__ import annotations

from verify.experiments.kit.published import OWN, Published

PUBLISHED = (
    Published(
        "neuron-certificate",
        "risk over steps with its certificate",
        "Diakonikolas, Kontonis, Tzamos & Zarifis, arXiv 2206.08918", OWN, 0.1,
        grid={"dimension": (5,)},
        claims=("neuron/certificate",), curves=0,
    ),
)  # fmt: skip
