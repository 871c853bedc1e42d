"""``make dist``: the wheel in dist/, with everything that runs without the clone.

    python tools/dist.py [FOLDER]

The wheel is made from a copy of what git keeps (or would keep), so that nothing old or foreign gets in, without a
network, and comes out the same, byte for byte, from the same files (times are those of the last commit). Beside it
lie ``requirements.lock``, by which exactly the tested versions can be installed, the samples of ``deploy/`` and the documentation.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ("pyproject.toml", "README.md", "LICENSE")
CACHES = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
# of a copy without git; zip files know no earlier year
FIRST_DAY = "315532800"


def package_files() -> list[str]:
    """The files of the package, as git keeps or would keep them; without git all but caches."""
    if shutil.which("git") and (ROOT / ".git").exists():
        words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "wangge"]
        told = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        names = told.splitlines()
    else:
        names = [path.relative_to(ROOT).as_posix() for path in (ROOT / "wangge").rglob("*")]
    return sorted(name for name in set(names) if (ROOT / name).is_file() and not CACHES & {*Path(name).parts})


def build_wheel(folder: Path) -> Path:
    """Make the wheel in this folder; raises CalledProcessError when pip cannot."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="wangge-dist-") as outer:
        copy = Path(outer, "wangge")
        for name in [*PROJECT, *package_files()]:
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
            target.chmod(0o644)
        words = ["-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
        words += ["--no-build-isolation", "--wheel-dir", outer, str(copy)]
        subprocess.run([sys.executable, *words], check=True, env=os.environ | {"SOURCE_DATE_EPOCH": epoch()})
        [made] = Path(outer).glob("wangge-*.whl")
        return Path(shutil.move(made, folder / made.name))


def epoch() -> str:
    """The moment that all files in the wheel carry, in seconds."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given or not (shutil.which("git") and (ROOT / ".git").exists()):
        return given or FIRST_DAY
    words = ["git", "log", "-1", "--format=%ct"]
    return subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def missing_from(wheel: Path) -> list[str]:
    """What the package has and the wheel has not."""
    with zipfile.ZipFile(wheel) as packed:
        return sorted({*package_files()} - {*packed.namelist()})


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"
    for old in folder.glob("wangge-*.whl"):
        old.unlink()
    wheel = build_wheel(folder)
    missing = missing_from(wheel)
    if missing:
        sys.stderr.write(
            f"轮子里缺少 · the wheel lacks: {' '.join(missing)}\n"
            "请补充 pyproject.toml 的 package-data · complete package-data in pyproject.toml\n"
        )
        return 1
    shutil.copyfile(ROOT / "requirements.lock", folder / "requirements.lock")
    for beside in ("deploy", "docs"):
        shutil.rmtree(folder / beside, ignore_errors=True)
        shutil.copytree(ROOT / beside, folder / beside)
    sys.stdout.write(
        f"{wheel}  {wheel.stat().st_size // 1024} kB\n安装 · install: pip install {wheel.name}\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
