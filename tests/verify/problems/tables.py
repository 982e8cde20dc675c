"""One small table, and ways to write it, for tests of files."""

import io
import zipfile

import numpy as np
import pandas

YEARS = range(2019, 2023)
A = np.array([[0.31, -1.2, 0.55, 0.9], [1.02, 0.33, -0.41, -0.2], [-0.77, 0.18, 1.36, 0.4],
              [0.05, 0.91, -0.66, 1.1]])  # fmt: skip
FRAME = pandas.DataFrame(A, columns=["age", "sex", "bmi", "y"])
PLAIN = FRAME.to_csv(index=False)


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def saved(save, *args, **options):
    file = io.BytesIO()
    save(file, *args, **options)
    return file.getvalue()


def zipped(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "")
    return file.getvalue()
