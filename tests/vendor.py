"""Fetch again the browser libraries that lie in the package, unmodified: `python -m tests.vendor`, or `make vendor`.

Each is a file of an npm package, in the version that resviz/ui/assets/vendor/vendor.json names. To take a newer one, change the
version there; the digest of what came is then written into it.
"""

import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

from resviz.ui.browser import VENDOR, vendored


def fetch(name: str, package: str, version: str) -> str:
    """Put a library and its licence into the folder; return the digest of the library."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{package}@{version}", "--silent"]
        packed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.split()[-1]
        with tarfile.open(Path(folder) / packed) as archive:
            archive.extractall(folder, filter="data")
        body = (Path(folder) / "package" / name).read_bytes()
        (VENDOR / name).write_bytes(body)
        (VENDOR / f"{name.partition('.')[0]}.LICENSE").write_bytes((Path(folder) / "package/LICENSE").read_bytes())
    return hashlib.sha256(body).hexdigest()


def main() -> None:
    found = vendored()
    for name, about in found.items():
        digest = fetch(name, about["package"], about["version"])
        print(f"{name}: {about['package']} {about['version']}", "as before" if digest == about["sha256"] else "NEW")
        about["sha256"] = digest
    (VENDOR / "vendor.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
