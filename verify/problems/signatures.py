"""What the contents of a file seem to be, by their first bytes; empty where they may be a table."""

from __future__ import annotations

import io
import json
import re
import zipfile

BYTES = {
    b"\x93NUMPY": "a NumPy array: name it .npy",
    b"PAR1": "a Parquet file: name it .parquet",
    b"ARROW1": "an Arrow file: name it .feather",
    b"FEA1": "an Arrow file: name it .feather",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"\x89HDF": "an HDF5 file",
    b"MATLAB 5.0": "a MATLAB file",
    b"SQLite format 3": "an SQLite database",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file: save it as .csv",
    b"<stata_dta>": "a Stata file",
    b"RDX": "an R data file",
    b"X\n\0\0": "an R data file",
    b"(\xb5/\xfd": "compressed by zstd: unpack it",
    b"7z\xbc\xaf": "a 7-zip archive: unpack it",
    b"Rar!": "a RAR archive: unpack it",
    b"\x7fELF": "a program",
    b"\x80\x02": "a pickle",
    b"\x80\x03": "a pickle",
    b"\x80\x04": "a pickle",
    b"\x80\x05": "a pickle",
}
MEMBERS = {
    "xl/": "an Excel workbook: save it as .csv",
    "content.xml": "an OpenDocument file: save it as .csv",
    "word/": "a Word document",
    "data.pkl": "a PyTorch file",
    ".npy": "a NumPy archive: name it .npz",
}
"""Parts of the names of files in a zip archive."""

TEXTS = {
    r"<(!doctype html|html|head|body|table)\b": "an HTML page",
    r"<\?xml|<[a-z]+[ >]": "XML",
    r"@relation\b": "an ARFF file",
    r"version https://git-lfs": "a Git LFS pointer: `git lfs pull` fetches the file",
    r"%%matrixmarket": "a Matrix Market file",
    r"[-+.\de]+(\s+\d+:[-+.\de]+)+\s": "an svmlight file",
}


def binary(content: bytes) -> str:
    """What the bytes seem to be, if not text."""
    if content.startswith(b"PK\x03\x04"):
        return _archive(content)
    found = next((what for start, what in BYTES.items() if content.startswith(start)), "")
    return found or ("binary data" if re.search(rb"[\0-\x08\x0e-\x1a]", content) else "")


def markup(text: str) -> str:
    """What the text seems to be, if not a table."""
    start = text[:10_000].lstrip()
    for pattern, what in TEXTS.items():
        if re.match(pattern, start, re.IGNORECASE):
            return what
    if start[:1] in ("{", "["):
        for whole in (text, start.partition("\n")[0]):
            try:
                json.loads(whole)
            except ValueError:
                continue
            return "JSON"
    return ""


def _archive(content: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, OSError):
        return "a damaged zip archive"
    for part, what in MEMBERS.items():
        if any(part in name for name in names):
            return what
    return "a zip archive: unpack it"
