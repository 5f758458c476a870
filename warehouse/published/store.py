"""Published versions as everyone reads them: which there are, which is current, what each says of itself.

A version is a folder with two databases and their reports, the protected marts as Parquet, a data dictionary and a
manifest; `current.json` names one. Nothing here changes a file: versions are made by `writer`, compared and pruned by
`versions`.
"""

import json
from pathlib import Path
from typing import Any

from warehouse.published import issues
from warehouse.zones.home import DamagedHome, Home

PUBLIC, RESTRICTED = "public.duckdb", "restricted.duckdb"
REPORTS = {PUBLIC: "index.html", RESTRICTED: "restricted.html"}
MANIFEST = "manifest.json"
# How many rows the restricted tables have: of two versions, what a commune's delivery added, which may be withheld.
RESTRICTED_ROWS = "restricted_rows.json"


class UnknownVersion(Exception):
    """There is no published version of this name, or none at all."""


def current(home: Home) -> str | None:
    """Name of the current version, None before the first."""
    file = pointer(home)
    if not file.exists():
        return None
    try:
        return str(json.loads(file.read_text())["version"])
    except (ValueError, KeyError, TypeError):
        raise DamagedHome(f"{file} does not name a version.", "run `cantho rebuild`.") from None


def pointer(home: Home) -> Path:
    """The file that names the current version."""
    return home.published / "current.json"


def newest(home: Home) -> str | None:
    """Name of the newest version; not the current one where a run was killed before `flip` could say so."""
    return max((path.parent.name for path in home.published.glob(f"v*/{MANIFEST}")), default=None)


def folder(home: Home, version: str | None = None) -> Path:
    """Folder of a version, the current one by default; `UnknownVersion` when there is none.

    Raises `DamagedHome` when the current one is named and not there.
    """
    name = version or current(home)
    if name is None or not (home.published / name / MANIFEST).exists():
        if name and not version:
            raise DamagedHome(
                f"{pointer(home)} names {name}, and that version is gone or lacks its manifest.",
                "put it back from the backup, or run `cantho rebuild`.",
            )
        raise UnknownVersion(
            f"There is no published version{f' {name}' if name else ''}. `cantho versions` lists them."
        )
    return home.published / name


def manifest(home: Home, version: str | None = None) -> dict[str, Any]:
    """What a version says of itself: deliveries, standards, code, rows of public tables, files and their hashes."""
    return _stated(folder(home, version) / MANIFEST)


def _stated(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text())
    except ValueError:
        raise DamagedHome(f"{path} cannot be read: it is cut.", "run `cantho rebuild`.") from None


def rows(home: Home, version: str) -> dict[str, int]:
    """Rows by database, schema and table, of the restricted file too."""
    restricted = json.loads((folder(home, version) / RESTRICTED_ROWS).read_text())
    return manifest(home, version)["rows"] | restricted


def versions(home: Home, damaged_too: bool = True) -> list[dict[str, Any]]:
    """Manifests of all published versions, oldest first. Raises `DamagedHome` for one that is cut, or leaves it out."""
    manifests = []
    for path in sorted(home.published.glob(f"v*/{MANIFEST}")):
        try:
            manifests.append(_stated(path))
        except DamagedHome:
            if damaged_too:
                raise
    return manifests


def month_files(home: Home, version: str | None, database: str) -> list[Path]:
    """The files of facts by month that views of a version's database read; the public one has no such views."""
    if database == PUBLIC:
        return []
    by_table = manifest(home, version)["facts"]
    return [home.published / file for months in by_table.values() for file in months.values()]


def withdrawn(home: Home) -> set[str]:
    """Names of the versions whose public files were withdrawn."""
    carried = {
        version_manifest["version"]: issues.carried_by(version_manifest)
        for version_manifest in versions(home, damaged_too=False)
    }
    wrong = {issue.withdraws for issue in carried.values()}
    return {version for version, issue in carried.items() if issue.version in wrong}
