"""The names that `verify` offers, and where they are defined: the one list of them."""

from verify.command_line.program import main as main
from verify.experiments.kit import Experiment as Experiment
from verify.experiments.kit import Home as Home
from verify.experiments.kit import Measured as Measured
from verify.experiments.kit import Measurement as Measurement
from verify.experiments.kit import Observations as Observations
from verify.experiments.kit import Options as Options
from verify.experiments.kit import ProblemOptions as ProblemOptions
from verify.experiments.kit import Progress as Progress
from verify.experiments.kit import SweepOptions as SweepOptions
from verify.experiments.kit import Trajectory as Trajectory
from verify.experiments.kit import option as option
from verify.judging.sample import Sample as Sample
from verify.judging.seeds import numpy_generator as numpy_generator
from verify.judging.seeds import torch_generator as torch_generator
from verify.judging.verdict import Judgement as Judgement
from verify.judging.verdict import Verdict as Verdict
from verify.judging.verdict import judge as judge
from verify.judging.verdict import judge_initialisations as judge_initialisations
from verify.pytest_plugin.gate import ClaimNotInformative as ClaimNotInformative
from verify.pytest_plugin.gate import ClaimRefuted as ClaimRefuted
from verify.pytest_plugin.gate import Gate as Gate
from verify.runs.replay import Case as Case
