"""Files that hold no table of numbers: refused with the cell, or with what they seem to be."""

import gzip
import os
import pickle
import re
import subprocess
import sys

import numpy as np
import pandas
import pytest

from tests.verify.problems.tables import FRAME, PLAIN, A, saved, write, zipped
from theory.language.errors import InvalidArgument
from verify.problems import signatures
from verify.problems.files import is_file_name, read_table

PNG = b"\x89PNG\r\n\x1a\n\0\0"
REFUSED = {
    "a header of numbers, or not": ("0,1,2\n1,0,1\n1,1,0\n", "line 1 (0, 1, 2) may be names or"),
    "integers over fractions": ("2 1 3\n.5 .2 .7\n.1 .2 .9\n", "line 1 (2, 1, 3) may be names or"),
    "thousands, or not": ("a;b\n1,234;2,345\n3,111;1,222\n", "the comma of '1,234' may mark"),
    "thousands": ('a,y\n"1,234",2.5\n3,1.5\n', "line 2, column 1 (a) holds '1,234'"),
    "both marks": ("a;y\n1.234,5;2,3\n1,2;3,4\n", "line 2, column 1 (a) holds '1.234,5'"),
    "missing values": (
        "a,b,y\n1,2,3\nNA,1,2\n2,?,\n4,,1\n",
        "(line 3, column 1 (a) holds 'NA', a missing value; line 4, column 2 (b) holds '?', a "
        "missing value; line 4, column 3 (y) is empty; and 1 more)",
    ),
    "many missing values": (
        "a\tb\tc\ty\n1\t\t\t4\n2\t\t\t5\n3\t\t\t6\n1\t2\t3\t4\n",
        "(line 2, column 2 (b) is empty; line 2, column 3 (c) is empty",
    ),
    "words": ("5.1,3.5,setosa\n4.9,3.0,setosa\n", "line 1, column 3 holds 'setosa'"),
    "a word among numbers": ("1,x,3\n4,5,6\n", "line 1, column 2 holds 'x'"),
    "booleans and numbers": ("a,b,y\n1,True,3\n2,0,1\n", "line 2, column 2 (b) holds 'True'"),
    "dates": ("day,y\n2020-01-31,1\n", "line 2, column 1 (day) holds '2020-01-31', a date or time"),
    "German dates": ("t;y\n01.02.2020;1\n", "column 1 (t) holds '01.02.2020', a date or time"),
    "infinity": ("a,y\n1,2\n2,-inf\n", "line 3, column 2 (y) holds '-inf'"),
    "too large": ("a,y\n1e400,2\n", "line 2, column 1 (a) holds '1e400', too large for float64"),
    "too small": ("a,y\n1e-400,2\n", "line 2, column 1 (a) holds '1e-400', too small for float64"),
    "Fortran's exponents": ("1.0D0 2.0D0 3.0\n4 5 6\n", "line 1, column 1 holds '1.0D0'"),
    "infinite rows": ("inf,inf\n1,2\n", "line 1, column 1 holds 'inf'"),
    "percent": ("10%,20%\n1,2\n", "line 1, column 1 holds '10%'"),
    "hexadecimal": ("a,y\n0x10,2\n", "line 2, column 1 (a) holds '0x10'"),
    "a line too short": ("a,b,y\n1,2,3\n1,2\n", "as many columns (line 3 has 2, line 1 has 3)"),
    "a line too long": ("a,b,y\n1,2,3\n1,2,3,4\n", "as many columns (line 3 has 4, line 1 has 3)"),
    "words before the table": ("made in 2020\n\n1,2,3\n3,2,1\n", "(line 1 has 1, line 3 has 3)"),
    "an open quote": ('a,y\n1,"2\n3,4\n', "quotes are closed"),
    "one column": ("y\n1\n2\n", "two columns or more (line 1 has 1"),
    "an index and one column": (FRAME.y.to_csv(), "with an input (its first column is an index)"),
    "a header alone": ("a,b,y\n", "one row of numbers or more (it has none)"),
    "comments alone": ("# a,b\n", "one row of numbers or more (it has none)"),
    "text": ("Dear reader,\nthis is no table, at all.\nYours\n", "it seems to be text"),
    "HTML": ("\n<!DOCTYPE html>\n<html>404</html>", "it seems to be an HTML page"),
    "XML": ("<?xml version='1.0'?><a/>", "it seems to be XML"),
    "JSON": (FRAME.to_json(), "it seems to be JSON"),
    "JSON by lines": (FRAME.to_json(orient="records", lines=True), "it seems to be JSON"),
    "svmlight": ("1 1:0.5 2:0.3\n-1 1:0.2 3:1\n", "it seems to be an svmlight file"),
    "ARFF": ("@relation a\n@data\n1,2\n", "it seems to be an ARFF file"),
    "Git LFS": ("version https://git-lfs.github.com/spec/v1\n", "it seems to be a Git LFS pointer"),
    "Excel": (zipped("xl/workbook.xml"), "it seems to be an Excel workbook: save it as .csv"),
    "a zip archive": (zipped("a.csv"), "it seems to be a zip archive: unpack it"),
    "PyTorch": (zipped("a/data.pkl"), "it seems to be a PyTorch file"),
    "half an archive": (b"PK\x03\x04 cut short", "it seems to be a damaged zip archive"),
    "NumPy": (saved(np.savez, X=A, y=A[0]), "it seems to be a NumPy archive: name it .npz"),
    "one array": (saved(np.save, A), "it seems to be a NumPy array: name it .npy"),
    "Parquet": (saved(FRAME.to_parquet), "it seems to be a Parquet file: name it .parquet"),
    "a picture": (PNG, "it seems to be a PNG picture"),
    "a pickle": (pickle.dumps(A), "it seems to be a pickle"),
    "bytes": (bytes(range(8)), "it seems to be binary data"),
    "packed bytes": (gzip.compress(PNG), "it seems to be a PNG picture"),
    "half a gzip": (gzip.compress(PLAIN.encode())[:40], "a readable .csv file (EOFError"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(tmp_path, case):
    content, message = REFUSED[case]
    path = write(tmp_path, "a.csv", content)
    with pytest.raises(InvalidArgument) as error:
        read_table(path)
    assert (error.value.name, error.value.value) == ("data", path)
    assert message in error.value.allowed
    assert "\n" not in str(error.value)


TYPED = {
    "missing": (".parquet", FRAME.mask(FRAME < -1), "row 0, column 2 (sex) is missing"),
    "no integer": (
        ".parquet",
        FRAME.assign(age=pandas.array([1, 2, None, 3], dtype="Int64")),
        "row 2, column 1 (age) is missing",
    ),
    "words": (".parquet", FRAME.assign(age="x"), "row 0, column 1 (age) holds 'x', of type"),
    "numbers as words": (".parquet", FRAME.assign(age="1"), "column 1 (age) holds '1', of type"),
    "dates": (".parquet", FRAME.assign(age=pandas.Timestamp("2020-01-01")), "of type datetime64"),
    "categories": (".feather", FRAME.assign(age=pandas.Categorical(list("abab"))), "category"),
    "infinite": (".feather", FRAME.assign(y=np.inf), "row 0, column 4 (y) holds inf"),
    "no rows": (".parquet", FRAME[:0], "one row of numbers or more"),
    "one column": (".parquet", FRAME[["y"]], "two columns or more (row 0 has 1)"),
}


@pytest.mark.parametrize("case", TYPED)
def test_typed_columns_are_refused(tmp_path, case):
    suffix, frame, message = TYPED[case]
    save = frame.to_parquet if suffix == ".parquet" else frame.to_feather
    with pytest.raises(InvalidArgument, match=re.escape(message)):
        read_table(write(tmp_path, f"a{suffix}", saved(save)))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.npz", PNG, "a NumPy archive (it seems to be a PNG picture)"),
        ("a.npz", PLAIN, "a NumPy archive (it seems to be text)"),
        ("a.npy", PLAIN, "a NumPy array (it seems to be text)"),
        ("a.npy", saved(np.save, A[0]), "a table of numbers (it has shape (4,) and type float64)"),
        ("a.npy", saved(np.save, A + 1j), "it has shape (4, 4) and type complex128"),
        ("a.npy", saved(np.save, np.array([[1, None]])), "a readable .npy file (ValueError"),
        ("a.parquet", PLAIN, "a .parquet file (it seems to be text)"),
        ("a.parquet", zipped("xl/a"), "a .parquet file (it seems to be an Excel workbook"),
        ("a.parquet", saved(FRAME.to_parquet)[:200], "a readable .parquet file (ArrowInvalid"),
        ("a.xlsx", zipped("xl/a"), "a table (it seems to be an Excel workbook: save it as .csv)"),
    ],
)
def test_contents_that_are_not_what_the_name_says(tmp_path, name, content, message):
    with pytest.raises(InvalidArgument, match=re.escape(message)):
        read_table(write(tmp_path, name, content))


def test_pipes_and_devices_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(InvalidArgument, match=re.escape("must be a file (it is a pipe)")):
        read_table(str(tmp_path / "a.csv"))
    with pytest.raises(InvalidArgument, match=re.escape("must be a file (it is a device)")):
        read_table("/dev/null")


def test_what_is_the_name_of_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "rows", PLAIN)
    assert all(map(is_file_name, ["rows", "a.csv", "a.dat", f"b{os.sep}c"]))
    assert not any(map(is_file_name, ["sphere", "spere"]))


def test_a_signature_is_no_start_of_another():
    """So their order does not matter."""
    starts = [*signatures.BYTES]
    assert not [(a, b) for a in starts for b in starts if a != b and a.startswith(b)]


def test_without_pyarrow_the_extra_is_named(tmp_path):
    path = write(tmp_path, "a.parquet", saved(FRAME.to_parquet))
    code = f"import sys; sys.modules['pyarrow'] = None\nfrom verify.problems.files import *\n" \
           f"read_table({path!r})"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "needs pyarrow (pip install 'theorem-gate[tables]')" in done.stderr.splitlines()[-1]
