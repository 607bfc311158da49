"""Where an exchange may lie: a file system whose locks hold on one host alone is refused at the start."""

from pathlib import Path

import pytest

from exchange.config import Config, ConfigError
from exchange.storage.mounts import check, mount_of

POSTGRESQL = "postgresql://exchange@db.example/exchange"
ROOT = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw"
NFS = "rw,vers=4.2,rsize=1048576,proto=tcp,sec=sys,clientaddr=192.0.2.11"


def planted(folder: Path, *lines: str) -> Path:
    """A mountinfo of these lines."""
    place = folder / "mountinfo"
    place.write_text("".join(f"{line}\n" for line in lines))
    return place


def line(point: Path | str, kind: str, options: str, source: str = "files.example:/srv") -> str:
    """A line for something mounted at `point`."""
    return f"40 22 0:35 / {point} rw,noatime shared:9 - {kind} {source} {options}"


def refusal(folder: Path, *lines: str, url: str = POSTGRESQL) -> str:
    """What `check` says of a shared folder below `folder`; empty where it says nothing."""
    shared = {"shared": folder / "shared"} if url == POSTGRESQL else {}
    try:
        check(Config(instance=folder / "instance", database_url=url, **shared), planted(folder, *lines))
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "lock", ["local_lock=posix", "local_lock=all", "local_lock=flock", "nolock", "nolock,local_lock=all"]
)
@pytest.mark.parametrize("kind", ["nfs", "nfs4"])
def test_nfs_whose_locks_stay_on_this_host(tmp_path: Path, kind: str, lock: str) -> None:
    """Byte ranges (posix), whole files (flock), both or none: the start is refused, and the option named."""
    said = refusal(tmp_path, ROOT, line(tmp_path / "shared", kind, f"{NFS},{lock},addr=192.0.2.10"))
    assert said.startswith(f"EXCHANGE_SHARED lies on {kind} ")
    assert lock.partition(",")[0] in said
    assert "local_lock=none" in said


@pytest.mark.parametrize("options", [f"{NFS},local_lock=none,addr=192.0.2.10", NFS])
def test_nfs_with_shared_locks(tmp_path: Path, options: str) -> None:
    """Version 4 as it is mounted by default is taken."""
    assert refusal(tmp_path, ROOT, line(tmp_path / "shared", "nfs4", options)) == ""


@pytest.mark.parametrize("kind", ["cifs", "smb3", "9p", "vboxsf", "fuse.sshfs"])
def test_file_systems_whose_locks_reach_nobody(tmp_path: Path, kind: str) -> None:
    """Refused whatever their options."""
    assert refusal(tmp_path, ROOT, line(tmp_path / "shared", kind, "rw")).startswith(f"EXCHANGE_SHARED lies on {kind},")


def test_lustre_with_local_locks(tmp_path: Path) -> None:
    """`flock` is taken, `localflock` is not."""
    assert refusal(tmp_path, ROOT, line(tmp_path / "shared", "lustre", "rw,flock")) == ""
    assert "localflock" in refusal(tmp_path, ROOT, line(tmp_path / "shared", "lustre", "rw,localflock"))


def test_sqlite_lies_on_a_local_disk(tmp_path: Path) -> None:
    """On a network file system the start is refused, whatever its locks; a local disk is taken."""
    url = f"sqlite:///{tmp_path / 'instance' / 'exchange.sqlite'}"
    assert refusal(tmp_path, ROOT, url=url) == ""
    said = refusal(tmp_path, ROOT, line(tmp_path / "instance", "nfs4", f"{NFS},local_lock=none"), url=url)
    assert said.startswith("EXCHANGE_INSTANCE lies on nfs4,")


def test_the_mount_that_counts(tmp_path: Path) -> None:
    """The deepest that holds the folder; of two at one place the later; names that only begin alike hold nothing."""
    mounts = planted(
        tmp_path,
        ROOT,
        line(tmp_path, "nfs", "rw"),
        line(tmp_path / "shared", "nfs4", "rw,local_lock=none"),
        line(tmp_path / "shared", "xfs", "rw"),
        line(tmp_path / "shar", "cifs", "rw"),
        line(tmp_path / "shared" / "elsewhere", "9p", "rw"),
    )
    below = mount_of(tmp_path / "shared" / "pieces", mounts)
    assert below is not None
    assert (below.kind, below.options) == ("xfs", {"rw", "noatime"})
    outside = mount_of(tmp_path / "other", mounts)
    assert outside is not None
    assert outside.kind == "nfs"


def test_a_link_is_followed_and_odd_names_are_read(tmp_path: Path) -> None:
    """What counts is where the folder really lies, also under a name with a space; lines of another form are passed over."""
    (tmp_path / "real folder").mkdir()
    (tmp_path / "shared").symlink_to(tmp_path / "real folder")
    point = str(tmp_path / "real folder").replace(" ", "\\040")
    mounts = planted(tmp_path, "nonsense", ROOT, line(point, "nfs4", "rw,local_lock=posix"), "1 2 - x")
    below = mount_of(tmp_path / "shared", mounts)
    assert below is not None
    assert below.kind == "nfs4"


def test_where_the_kernel_says_nothing(tmp_path: Path) -> None:
    """Nothing is refused."""
    assert mount_of(tmp_path, tmp_path / "missing") is None
    check(Config(instance=tmp_path), tmp_path / "missing")
