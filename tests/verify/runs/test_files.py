"""One way to write files: regular ones are replaced, whole or not at all; others are written to."""

import os
import shutil
import socket
import stat
import subprocess
import sys
import threading

import pytest

from theory import InvalidArgument
from verify.runs import files

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A run of its own folder, alone."""
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path, content=b"new"):
    files.check_writable("json", str(path))
    return files.write(str(path), content)


def test_a_regular_file_is_replaced_with_its_mode(folder):
    path = folder / "o.json"
    path.write_text("old")
    path.chmod(0o640)
    before = path.stat().st_ino
    assert write(path)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o640)
    assert path.stat().st_ino != before
    assert os.listdir() == ["o.json"]


@pytest.mark.parametrize("name", ["x" * 250, "-o", "a b'c\"", "é\n", ".hidden"])
def test_names_of_any_kind(folder, name):
    assert write(name)
    assert (folder / name).read_bytes() == b"new"
    assert os.listdir() == [name]


def test_the_target_of_a_link_is_replaced_and_the_link_stays(folder):
    (folder / "sub").mkdir()
    for name, target in (("a", "sub/there"), ("b", "a"), ("c", "sub/new")):
        os.symlink(target, name)
    (folder / "sub/there").write_text("old")
    assert write("b")
    assert write("c")
    assert all((folder / name).is_symlink() for name in "abc")
    assert (folder / "sub/there").read_bytes() == (folder / "sub/new").read_bytes() == b"new"
    files.remove("b")
    assert (folder / "b").is_symlink()
    assert not (folder / "sub/there").exists()


def test_a_pipe_is_written_to(folder):
    os.mkfifo("pipe")
    os.symlink("pipe", "link")
    end = os.open("pipe", os.O_RDWR)  # so that a writer finds a reader
    try:
        for name in ("pipe", "link"):
            assert write(name)
            assert os.read(end, 99) == b"new"
            files.remove(name)
    finally:
        os.close(end)
    assert stat.S_ISFIFO(os.stat("pipe").st_mode)
    assert sorted(os.listdir()) == ["link", "pipe"]


def test_a_device_is_written_to(folder):
    """A node of the null device made here; no device of the machine is touched."""
    try:
        os.mknod("node", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.close(os.open("node", os.O_WRONLY))
    except OSError as error:
        pytest.skip(f"no nodes can be made or opened here: {error}")
    os.symlink("node", "link")
    for name in ("node", "link"):
        assert write(name)
        files.remove(name)
        assert stat.S_ISCHR(os.stat("node").st_mode)
    assert sorted(os.listdir()) == ["link", "node"]


def test_a_socket_is_written_to(folder):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind("s")
        server.listen()
        got = []

        def read():
            with server.accept()[0] as end:
                got.append(end.recv(99))

        reader = threading.Thread(target=read)
        reader.start()
        assert write("s")
        reader.join()
    assert got == [b"new"]
    assert stat.S_ISSOCK(os.stat("s").st_mode)


TWICE = """
import os, sys
from verify.runs import files
print("table", flush=True)
files.check_writable("json", sys.argv[1])
files.remove(sys.argv[1])
assert files.write(sys.argv[1], b"content\\n")
print("end", flush=True)
"""


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
@pytest.mark.parametrize("into", ["file", "pipe"])
@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="needs /proc")
def test_standard_output_keeps_what_else_is_written_to_it(folder, path, into):
    os.symlink("/dev/stdout", "link")
    command = [sys.executable, "-c", TWICE, path]
    if into == "pipe":
        found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    else:
        with open("out", "w") as out:
            subprocess.run(command, stdout=out, check=True)
        found = (folder / "out").read_text()
    assert found == "table\ncontent\nend\n"


def refused(path, words):
    with pytest.raises(InvalidArgument) as caught:
        files.check_writable("json", str(path))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folders_and_places_without_a_file_are_refused(folder):
    os.mkdir("sub")
    os.symlink("sub", "link")
    os.symlink("round", "round")
    for path, words in {
        "": "directory",
        "sub": "it is a directory",
        "link": "it is a directory",
        "no/such": "No such file",
        "round": "symbolic links",
        "a\0b": "null",
        "x" * 300: "too long",
        "/proc/o.json": "",
    }.items():
        refused(path, words)
    assert sorted(os.listdir()) == ["link", "round", "sub"]


OTHER = """
import os, sys
from theory import InvalidArgument
from verify.runs import files
os.setgid(65534); os.setuid(65534)
for check, path in ((files.check_writable, "closed/new"), (files.check_writable, "open/kept"),
                    (files.check_folder, "closed/sub/cases")):
    try:
        check("json", path)
    except InvalidArgument as error:
        print(error)
"""


@pytest.mark.skipif(not ROOT, reason="root alone becomes another user")
def test_places_without_permission_are_refused(folder):
    for part in (folder, *folder.parents[:2]):
        part.chmod(part.stat().st_mode | 0o055)
    for name in ("closed", "open"):
        os.mkdir(name)
    os.chmod("open", 0o777)
    (folder / "open/kept").write_text("old")
    done = subprocess.run([sys.executable, "-c", OTHER], capture_output=True, text=True)
    if not done.stdout and "Permission" in done.stderr:
        pytest.skip("another user cannot read this installation")
    lines = done.stdout.splitlines()
    assert len(lines) == 3, done.stderr
    assert "Permission denied" in lines[0]
    assert "it is read-only" in lines[1]
    assert "Permission denied" in lines[2]


def test_a_failure_leaves_the_old_file(folder, monkeypatch):
    path = folder / "o.json"
    path.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    for place, name in ((os, "fsync"), (os, "replace"), (shutil, "copymode")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, full)
            with pytest.raises(OSError, match="No space"):
                files.write("o.json", b"new")
        assert path.read_text() == "old"
        assert os.listdir() == ["o.json"]


def test_folders_to_be_made(folder):
    (folder / "file").touch()
    files.check_folder("cases", "a/b/c")
    files.check_folder("cases", ".")
    assert os.listdir() == ["file"]
    for path in ("file", "file/sub"):
        with pytest.raises(InvalidArgument, match="is none"):
            files.check_folder("cases", path)


@pytest.mark.parametrize(
    ("rank", "size", "written"),
    [
        ("0", "2", True),
        ("1", "2", False),
        ("1", None, True),
        ("1", "", True),
        (None, "2", True),
        ("", "2", True),
    ],
)
def test_of_the_processes_of_a_run_the_first_writes(folder, monkeypatch, rank, size, written):
    for name, value in (("RANK", rank), ("WORLD_SIZE", size)):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert files.write("o.json", b"new") is written
    assert (folder / "o.json").exists() is written


@pytest.mark.parametrize(("rank", "size"), [("2", "2"), ("-1", "2"), ("0", "two"), ("x", "1")])
def test_ranks_that_are_none(monkeypatch, rank, size):
    monkeypatch.setenv("RANK", rank)
    monkeypatch.setenv("WORLD_SIZE", size)
    with pytest.raises(InvalidArgument, match=r"RANK|WORLD_SIZE"):
        files.write("o.json", b"new")
