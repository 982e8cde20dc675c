"""Problems: what each source promises, files, and a clear message for whatever is wrong."""

import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.preprocessing import StandardScaler

from theory.language.errors import InvalidArgument
from verify.problems.data import SOURCES, TARGETS, Drawn, Problem, check_rows, load_problem
from verify.problems.files import KINDS

ROWS = np.array([[3.0, 0.0], [0.0, 4.0], [1.0, 2.0]])
Y = np.array([1.0, -2.0, 4.0])
SYNTHETIC = [name for name, source in SOURCES.items() if isinstance(source, Drawn)]
each_source = pytest.mark.parametrize("data", SOURCES)


def load(data, seed=1, samples=6, **options):
    return load_problem(str(data), samples=samples, rng=np.random.default_rng(seed), **options)


def write(path: Path, content) -> Path:
    if isinstance(content, dict):
        np.savez(path, **content)
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def smallest_eigenvalue(X):
    G = X @ X.T
    return np.linalg.eigvalsh(G * (np.pi - np.arccos(np.clip(G, -1, 1))) / (2 * np.pi))[0]


# ---- sources


@each_source
def test_rows_are_unit_and_targets_scaled(data):
    problem = load(data, target_scale=0.3)
    assert problem.X.shape == (problem.n, problem.d) == (6, problem.X.shape[1])
    assert problem.X.dtype == problem.y.dtype == np.float64
    np.testing.assert_allclose(np.linalg.norm(problem.X, axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(np.sqrt(np.mean(problem.y**2)), 0.3, rtol=1e-14)


@each_source
@pytest.mark.parametrize("targets", TARGETS)
def test_state_of_rng_determines_the_problem(data, targets):
    targets = "auto" if data in SYNTHETIC and targets == "data" else targets
    first, again, other = (load(data, seed, targets=targets) for seed in (1, 1, 2))
    assert np.array_equal(first.X, again.X)
    assert np.array_equal(first.y, again.y)
    assert not np.array_equal(first.X, other.X)
    assert not np.array_equal(first.y, other.y)


@each_source
def test_default_is_eight_rows(data):
    assert load(data, samples=None).n == 8


@each_source
def test_description_tells_rows_dimension_and_targets(data):
    problem = load(data)
    kind = "teacher" if data in SYNTHETIC else "data"
    assert problem.name == data
    assert re.fullmatch(rf"6 rows .*{data}, d = {problem.d}, targets: {kind}", problem.description)


@pytest.mark.parametrize("data", SYNTHETIC)
def test_dimension_of_drawn_rows(data):
    assert load(data, samples=2, dimension=3).d == 3


def test_orthogonal_rows():
    X = load("orthogonal", samples=5).X
    np.testing.assert_allclose(X @ X.T, np.eye(5), rtol=0, atol=1e-14)


def test_orthogonal_default_fits_the_dimension():
    assert load("orthogonal", samples=None, dimension=3).n == 3


@pytest.mark.parametrize("data", ["sphere", "orthogonal"])
def test_directions_are_uniform(data):
    rng = np.random.default_rng(0)
    rows = np.array([load_problem(data, samples=2, dimension=3, rng=rng).X for _ in range(2000)])
    for X in (rows[:, 0], rows[:, 1]):  # mean 0 and covariance I/3; 5 standard errors
        np.testing.assert_allclose(X.mean(axis=0), 0, atol=5 * np.sqrt(1 / 3 / 2000))
        np.testing.assert_allclose(X.T @ X / 2000, np.eye(3) / 3, atol=5 * 0.3 / np.sqrt(2000))


@pytest.mark.parametrize("samples", [2, 4, 8])
def test_clustered_rows_have_a_small_eigenvalue(samples):
    clustered, sphere = (
        np.median([smallest_eigenvalue(load(data, seed, samples).X) for seed in range(9)])
        for data in ("clustered", "sphere")
    )
    assert 0 < clustered < sphere / 5


def test_clustered_rows_have_three_centres():
    X = load("clustered", dimension=64).X
    assert np.count_nonzero(X @ X.T > 0.9) == 3 * 2**2


def test_spread_sets_the_eigenvalue():
    wide, narrow = (smallest_eigenvalue(load("clustered", spread=s).X) for s in (0.1, 0.001))
    assert 0 < narrow < wide / 20


@pytest.mark.parametrize(("data", "load"), [("diabetes", load_diabetes), ("digits", load_digits)])
def test_what_is_shipped_is_what_its_owner_gives(data, load):
    """Read without its owner, to the last digit."""
    table, (X, y) = SOURCES[data].load(), load(return_X_y=True)
    np.testing.assert_array_equal(table.X, X)
    np.testing.assert_array_equal(table.y, y - (y.mean() if data == "digits" else 0))


def test_digits_are_centred():
    y = load("digits", samples=1797, target_scale=1.0).y
    assert abs(y.mean()) < 1e-12
    assert len(np.unique(y)) == 10


LABELLED = {"wine": (load_wine, 3), "cancer": (load_breast_cancer, 2)}


@pytest.mark.parametrize("data", LABELLED)
def test_labelled_data_are_those_of_scikit_learn_standardised(data):
    shipped, classes = LABELLED[data]
    X, label = shipped(return_X_y=True)
    table = SOURCES[data].load()
    np.testing.assert_allclose(table.X, StandardScaler().fit_transform(X), atol=1e-12)
    np.testing.assert_allclose(table.y, label - label.mean(), atol=1e-15)
    assert len(np.unique(table.y)) == classes


@pytest.mark.parametrize("data", LABELLED)
def test_standardised_rows_are_well_apart(data):
    """As they are shipped one feature is a thousand times the others, and rows are parallel."""
    X, _ = LABELLED[data][0](return_X_y=True)
    raw = X / np.linalg.norm(X, axis=1, keepdims=True)
    for seed in range(5):
        rows = load(data, seed, samples=8).X
        picked = raw[np.random.default_rng(seed).choice(len(raw), 8, replace=False)]
        least, of_raw = (np.linalg.svd(each, compute_uv=False)[-1] ** 2 for each in (rows, picked))
        assert least > 3e-3 > 1e-5 > of_raw


@pytest.mark.parametrize(
    ("data", "available"), [("diabetes", 442), ("digits", 1797), ("wine", 178), ("cancer", 569)]
)
def test_whole_real_data_is_in_general_position(data, available):
    assert load(data, samples=available).n == available


# ---- targets


def test_noise_is_not_the_data():
    data, noise = (load("diabetes", targets=targets).y for targets in ("auto", "noise"))
    assert np.all(data > 0)
    assert np.any(noise < 0)


def test_teacher_is_positively_homogeneous_in_the_rows(tmp_path):
    """Halved rows, same draws, halved targets: a network of ReLUs without biases."""
    whole, half = (
        load(
            write(tmp_path / "a.npz", {"X": X, "y": Y}), samples=3, targets="teacher", rescale=False
        ).y
        for X in (ROWS / 5, ROWS / 10)
    )
    assert whole.any()
    np.testing.assert_allclose(half, whole / 2, rtol=1e-14)


def test_rows_of_any_norm_where_they_are_asked_for(tmp_path):
    path = write(tmp_path / "a.npz", {"X": ROWS, "y": Y})
    problem = load(path, samples=3, rescale=False, bounded=False)
    np.testing.assert_array_equal(problem.X, ROWS)
    np.testing.assert_array_equal(problem.y, Y)
    with pytest.raises(InvalidArgument, match="row norms at most 1"):
        load(path, samples=3, rescale=False)


def test_zero_targets_stay_zero(tmp_path):
    path = write(tmp_path / "a.npz", {"X": ROWS, "y": 0 * Y})
    assert not load(path, samples=3).y.any()


# ---- files

CSV = "3,0,1\n0,4,-2\n1,2,4\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.npz", {"X": ROWS, "y": Y}),
        ("a.npz", {"X": ROWS.astype(int), "y": Y.astype(np.float32), "z": Y}),
        ("a.csv", CSV),
        ("a.csv", "\ufeff" + CSV),
        ("A.CSV", "u,v,target\r\n" + CSV.replace("\n", "\r\n")),
        ("a.csv", '"u 1","u, 2",\n\n 3, 0, 1\n\n0,4,-2\n1,2,4e0'),
    ],
)
def test_file_is_read(tmp_path, name, content):
    problem = load(write(tmp_path / name, content), samples=None)
    np.testing.assert_allclose(problem.X, ROWS / np.array([[3], [4], [np.sqrt(5)]]), rtol=1e-15)
    np.testing.assert_allclose(problem.y, Y * 0.5 / np.sqrt(7), rtol=1e-15)
    assert problem.name == name


def test_chosen_rows_keep_their_targets(tmp_path):
    X = np.random.default_rng(0).uniform(-0.3, 0.3, (50, 3))
    problem = load(write(tmp_path / "a.npz", {"X": X, "y": X.sum(axis=1)}), rescale=False)
    assert len({tuple(row) for row in problem.X} & {tuple(row) for row in X}) == 6
    np.testing.assert_array_equal(problem.y, problem.X.sum(axis=1))


def test_rows_left_out_may_be_parallel(tmp_path):
    X = np.vstack([np.ones((2, 40)), np.eye(40)])
    path = write(tmp_path / "a.npz", {"X": X, "y": np.ones(42)})
    assert load(path, samples=2).n == 2


def test_without_rescale_the_numbers_are_those_of_the_file(tmp_path):
    path = write(tmp_path / "a.npz", {"X": ROWS / 4, "y": Y})
    problem = load(path, samples=3, rescale=False)
    np.testing.assert_array_equal(problem.X, ROWS / 4)
    np.testing.assert_array_equal(problem.y, Y)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_rescale_neither_overflows_nor_underflows(tmp_path, scale):
    path = write(tmp_path / "a.npz", {"X": ROWS * scale, "y": Y * scale})
    np.testing.assert_allclose(load(path, samples=3).X[0], [1, 0], rtol=1e-14)
    np.testing.assert_allclose(load(path, samples=3).y, Y * 0.5 / np.sqrt(7), rtol=1e-14)


# ---- what is wrong is said


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.npz", None, "a file (there is none of this name)"),
        ("a.csv", "", "a file with contents (it is empty)"),
        ("a.npz", b"not a zip", "a NumPy archive (it seems to be text)"),
        ("a.npz", b"PK\x03\x04 cut short", "a readable .npz file (BadZipFile"),
        ("a.npz", b"\x93NUMPY cut short", "a readable .npz file (ValueError"),
        ("a.npz", {"X": ROWS, "z": Y}, "an archive of X and y (it holds X, z)"),
        ("a.npz", {"X": np.array([[1, {}]]), "y": Y}, "a readable .npz file (ValueError"),
        ("a.npz", {"X": [["1", "2"]], "y": Y}, "X is an array of real numbers, not of <U1"),
        ("a.npz", {"X": 1j * ROWS, "y": Y}, "X is an array of real numbers, not of complex128"),
        ("a.npz", {"X": Y, "y": Y}, "X is of shape (n, d) with n, d >= 1, not (3,)"),
        ("a.npz", {"X": ROWS[:0], "y": Y}, "X is of shape (n, d) with n, d >= 1, not (0, 2)"),
        ("a.npz", {"X": ROWS, "y": Y[:2]}, "y is of shape (3,), one target per row of X"),
        ("a.npz", {"X": ROWS, "y": Y * [1, np.nan, 1]}, "y is finite (not in row 1)"),
        ("a.npz", {"X": ROWS + np.inf, "y": Y}, "X is finite (not in row 0, row 1, row 2)"),
        ("a.npz", {"X": ROWS * [[1], [0], [1]], "y": Y}, "X is free of zero rows (row 1)"),
        ("a.npz", {"X": ROWS[[0, 1, 0]] * [[1], [1], [-9]], "y": Y}, "rows (row 0 and row 2)"),
        ("a.csv", "u,v\n\n1,2\n2,3\n", "X is free of parallel rows (line 3 and line 4)"),
        ("a.csv", "u,v,y\n1,2,3\n0,0,3\n", "X is free of zero rows (line 3)"),
        ("a.csv", "1,2,3\n1,2\n", "lines of as many columns (line 2 has 2, line 1 has 3)"),
        ("a.csv", "u,v\n1,2,3\n", "lines of as many columns (line 2 has 3, line 1 has 2)"),
        ("a.csv", "u,v\n1,2\n3,x\n", "finite numbers (line 3, column 2 (v) holds 'x')"),
        ("a.csv", "1,2\n1,\n", "finite numbers (line 2, column 2 is empty)"),
        ("a.csv", "1,2\n,\n", "finite numbers (line 2, column 1 is empty"),
        ("a.csv", "1,2\n1,nan\n", "finite numbers (line 2, column 2 holds 'nan', a missing"),
        ("a.csv", "1,2\n-1e999,2\n", "finite numbers (line 2, column 1 holds '-1e999', too large"),
        ("a.csv", "1,2\n1_0,2\n", "finite numbers (line 2, column 1 holds '1_0')"),
        ("a.csv", "1\n3\n", "two columns or more (line 1 has 1"),
        ("a.csv", "u,v\n", "one row of numbers or more"),
        ("a.csv", "\n\n", "one row of numbers or more"),
        ("a.csv", b"1,2\n3,\0\n", "a table (it seems to be binary data)"),
    ],
)
def test_unusable_file(tmp_path, name, content, message):
    path = tmp_path / name
    if content is not None:
        write(path, content)
    with pytest.raises(InvalidArgument, match=re.escape(message)) as caught:
        load(path, samples=None)
    assert (caught.value.name, caught.value.value) == ("data", str(path))


@pytest.mark.parametrize("name", ["a.npz", "a.csv"])
def test_directory_is_not_a_file(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(InvalidArgument, match=re.escape("must be a file (it is a directory)")):
        load(tmp_path / name)


def test_damaged_archive(tmp_path):
    path = write(tmp_path / "a.npz", {"X": ROWS, "y": Y})
    content = path.read_bytes()
    path.write_bytes(content.replace(ROWS.tobytes(), ROWS.tobytes()[::-1]))
    with pytest.raises(InvalidArgument, match=r"readable \.npz file \(BadZipFile: Bad CRC"):
        load(path)


def test_one_array_is_not_an_archive(tmp_path):
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, ROWS)
    with pytest.raises(InvalidArgument, match=r"an archive of X and y .it is one array"):
        load(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"data": "spere"}, "data = 'spere': must be one of sphere, orthogonal, clustered, "
         f"diabetes, digits, wine, cancer, or a file: {KINDS}; did you mean sphere?"),
        ({"data": "train"}, f"or a file: {KINDS}"),
        ({"samples": 0}, "samples = 0: must be an integer >= 1"),
        ({"samples": 2.0}, "samples = 2.0: must be an integer >= 1"),
        ({"samples": True}, "samples = True: must be an integer >= 1"),
        ({"dimension": 0}, "dimension = 0: must be an integer >= 1"),
        ({"dimension": 1}, "dimension = 1: must be >= 2"),
        ({"data": "clustered", "dimension": 1}, "dimension = 1: must be >= 2"),
        ({"data": "orthogonal", "samples": 9}, "samples = 9: must be at most dimension = 8"),
        ({"data": "diabetes", "samples": 443}, "samples = 443: must be at most 442"),
        ({"targets": "data"}, "targets = 'data': must be teacher or noise: sphere has no"),
        ({"targets": "label"}, "targets = 'label': must be one of auto, data, noise, teacher"),
        ({"target_scale": 0.0}, "target_scale = 0.0: must be a finite number > 0"),
        ({"target_scale": np.inf}, "target_scale = inf: must be a finite number > 0"),
        ({"target_scale": np.nan}, "target_scale = nan: must be a finite number > 0"),
        ({"spread": 0.0}, "spread = 0.0: must be in (0, 1]"),
        ({"spread": 1.5}, "spread = 1.5: must be in (0, 1]"),
        ({"spread": np.nan}, "spread = nan: must be in (0, 1]"),
        ({"data": "clustered", "spread": 1e-12}, "must be a source whose X is free of parallel"),
    ],
)  # fmt: skip
def test_argument_outside_its_domain(options, message):
    with pytest.raises(InvalidArgument) as caught:
        load(**({"data": "sphere"} | options))
    assert message in " ".join(str(caught.value).split())  # long ones are on lines


@pytest.mark.parametrize("factor", [1 + 1e-11, 1e300])
def test_without_rescale_norms_above_one_are_an_error(tmp_path, factor):
    path = write(tmp_path / "a.csv", f"0.5,0,1\n0,{factor!r},2\n")
    with pytest.raises(InvalidArgument, match=r"norms at most 1 \(line 2: .*rescale") as caught:
        load(path, samples=None, rescale=False)
    assert caught.value.name == "data"


@pytest.mark.parametrize("factor", [1.0, 1 + 1e-13])
def test_without_rescale_rounding_of_a_unit_row_passes(tmp_path, factor):
    path = write(tmp_path / "a.csv", f"0.5,0,1\n0,{factor!r},2\n")
    assert load(path, samples=None, rescale=False).X[1, 1] == factor


@pytest.mark.parametrize("scale", [1.0, -1e-200, 1e200])
@pytest.mark.parametrize(("angle", "parallel"), [(0, 1), (9e-8, 1), (1.1e-7, 0), (1e-6, 0)])
def test_parallel_rows_at_small_angles(angle, parallel, scale):
    X = np.array([[0.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1 - angle, 1 + angle, 0.0]])
    X[2] *= scale
    if parallel:
        with pytest.raises(InvalidArgument, match=r"parallel rows .row 1 and row 2"):
            check_rows(X)
    else:
        check_rows(X)


def test_many_parallel_rows_are_counted():
    with pytest.raises(InvalidArgument, match=r"\(row 0 and row 1 and 44 more pairs\)"):
        check_rows(np.ones((10, 3)))


def test_many_zero_rows_are_counted():
    with pytest.raises(InvalidArgument, match=r"\(row 0, row 1, row 2, row 3, row 4 and 3 more\)"):
        check_rows(np.zeros((8, 3)))


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([1.0], [1.0], "X = [1.0]: must be of shape (n, d)"),
        ([[]], [1.0], "X = [[]]: must be of shape (n, d) with n, d >= 1, not (1, 0)"),
        ([[1.0], [1.0, 2.0]], [1.0], "must be an array of real numbers"),
        ([[1.0], [np.nan]], [1.0, 2.0], "X = [[nan]]: must be finite (not in row 1)"),
        ([[1.0]], [[1.0]], "y = [[1.0]]: must be of shape (1,)"),
        ([[1.0]], 1.0, "y = 1.0: must be of shape (1,)"),
        ([[1.0]], [-np.inf], "y = [-inf]: must be finite (not in row 0)"),
        ([[1.0]], ["a"], "y = ['a']: must be an array of real numbers"),
    ],
)
def test_malformed_problem(X, y, message):
    with pytest.raises(InvalidArgument, match=re.escape(message)):
        Problem(X, y, "name", "description")


@pytest.mark.parametrize("field", ["X", "y"])
def test_arrays_are_read_only_copies(field):
    X, y = ROWS.copy(), Y.copy()
    problem = Problem(X, y, "name", "description")
    with pytest.raises(ValueError, match="read-only"):
        getattr(problem, field)[0] = 0
    X[:], y[:] = 0, 0
    assert getattr(problem, field).any()
