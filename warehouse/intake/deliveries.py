"""The way of deliveries from landing to lake: recognised, read, checked, separated, judged, recorded.

`take_in` is that way for what waits of one feed. A delivery is accepted whole (its bad rows set apart) or refused whole
(nothing of it visible, the file kept). Rows and files are written before the register says so: a crash leaves files
that nobody sees and a delivery that is still in landing. A file that is not what it was when it was read, since its
sender went on writing or sent it again, stays there too, for the next time.
"""

import contextlib
import hashlib
import json
import logging
import os
import shutil
import stat
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from io import BufferedReader
from pathlib import Path
from typing import Any

import pyarrow as pa

from sources import gate
from sources.contracts.code_lists import same_boundaries
from sources.contracts.feeds import Feed, discover
from sources.contracts.refusal import BrokenPromise, Wording, reason
from sources.reading import mended
from sources.reading.delivery import SUFFIX, Delivery, Manifest, keep_to_files, read_manifest, recognise, safe_name
from sources.reading.processes import readers
from sources.reading.rows import COMMUNE, RowCounts
from sources.reading.table import lines_around
from warehouse.zones import home_key, lake, sealed
from warehouse.zones.files import keep, write_atomically
from warehouse.zones.home import Home
from warehouse.zones.identity import PERSON_KEY, are_simulated, separate, usable_person_keys
from warehouse.zones.keyring import Keyring
from warehouse.zones.register import ACCEPTED, REFUSED, Entry, Register

REPEATED = "repeated"
log = logging.getLogger("cantho.intake")


@dataclass(frozen=True)
class Waiting:
    """A file in landing, with its name read and its bytes hashed."""

    delivery: Delivery
    sha256: str

    @property
    def id(self) -> str:
        scope = self.delivery.commune or "city"
        return f"{self.delivery.feed.table}-{self.delivery.month:%Y-%m}-{scope}-{self.sha256[:12]}"


@dataclass(frozen=True)
class Original:
    """A file of landing sealed aside, and how many bytes it has in the clear."""

    sealed: Path
    size: int


@dataclass(frozen=True)
class Candidate:
    """A waiting delivery whose rows passed the contract and wait aside for the gate, which judges by `measures`."""

    waiting: Waiting
    rows: lake.Rows
    counts: RowCounts
    encoding: str
    ignored_columns: list[str]
    simulated: bool
    measures: gate.Measures = field(default_factory=dict)


@dataclass(frozen=True)
class Intake:
    """The station deliveries go through, bound to one home."""

    home: Home
    keyring: Keyring
    register: Register

    @classmethod
    def open(cls, home: Home) -> "Intake":
        """Bind it; lake and key file are made when missing. Raises `DamagedHome`."""
        register = Register.open(home)
        keyring = home_key.of_pipeline(home, register)
        lake.prepare(home)
        return cls(home, keyring, register)

    def turn_away_strays(self, unchanged_for: float = 0) -> None:
        """Refuse the files in landing that lie in the folder of no feed and did not change for so many seconds."""
        feeds = discover().values()
        folders = {self.home.landing / feed.department / feed.name for feed in feeds}
        for path in _strays(self.home.landing, folders):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.lstat().st_mtime < unchanged_for:
                    continue
                where = "/".join(safe_name(Path(part)) for part in path.parent.relative_to(self.home.landing).parts)
                broken = BrokenPromise(
                    file=safe_name(path), place=f"landing/{where}", code="stray", owner="the sender",
                    feeds=", ".join(feed.id for feed in feeds),
                )  # fmt: skip
                self._refuse(where, path, "stray", datetime.now(UTC).isoformat(timespec="microseconds"), broken)

    def put_back(self, entry: Entry) -> None:
        """Put a refused file back into landing, to be taken in again; `BrokenPromise` when it is kept no longer."""
        with self.original(entry) as path:
            keep(path, self.home.landing / entry.feed / entry.file)

    @contextmanager
    def original(self, entry: Entry) -> Generator[Path]:
        """A delivery as it was sent, in the clear for as long as it is read.

        `BrokenPromise` when it is not kept any more, or is another.
        """
        owner = entry.owner or discover()[entry.feed].owner
        at: dict[str, str] = {"file": f"{entry.feed}/{entry.file}", "place": "the archive", "owner": owner}
        if not entry.sha256:
            raise BrokenPromise(**at, code="not_kept")
        if entry.expired_on:
            raise BrokenPromise(**at, code="expired", day=entry.expired_on)
        with self.home.scratch("original") as folder:
            path = folder / entry.file
            try:
                sealed.unseal_file(self.sealed_file(entry), path, self.keyring)
            except FileNotFoundError:
                raise BrokenPromise(**at, code="original_gone") from None
            except sealed.NotOpened:
                raise BrokenPromise(**at, code="other_bytes") from None
            if _sha256(path) != entry.sha256:
                raise BrokenPromise(**at, code="other_bytes")
            yield path

    def read_again(self, entry: Entry) -> Entry:
        """Take an accepted delivery's archived original again, after its contract or a code list was mended.

        Its place in the order stays; what was accepted before and is read as before does not change. `BrokenPromise`
        when it would be refused now: then everything stays as it is.
        """
        feed = discover()[entry.feed]
        with self.original(entry) as path, self.home.scratch("intake") as aside:
            tallies = gate.Tallies()
            candidate = self._read(Waiting(recognise(feed, path), entry.sha256), aside, tallies)
            (candidate,) = self._measured([candidate], tallies)
            broken = gate.unmet(feed, {entry.delivery_id: (candidate.waiting.delivery, candidate.measures)})
            if broken[entry.delivery_id]:
                reasons = _as_a_whole(feed, broken[entry.delivery_id], candidate.counts)
                raise feed.broken(entry.file, "the delivery as a whole", "unmet", en=reasons.en, vi=reasons.vi)
            return self._accepted_again(candidate, aside, entry)

    def restore(self, entry: Entry) -> Entry:
        """Make the rows of an accepted delivery again from its sealed original; the gate has judged them before.

        Its `revision` grows where they come to other rows than were accepted, by other code. `BrokenPromise` when the
        original is not kept any more, or is not what was sent.
        """
        with self.original(entry) as path, self.home.scratch("intake") as aside:
            tallies = gate.Tallies()
            candidate = self._checked(Waiting(recognise(discover()[entry.feed], path), entry.sha256), aside, tallies)
            (candidate,) = self._measured([candidate], tallies)
            # The figures that the gate saw compare it with the delivery before it at that time.
            judged = replace(candidate, measures=entry.measures or candidate.measures)
            return self._accepted_again(judged, aside, entry)

    def _accepted_again(self, candidate: Candidate, aside: Path, entry: Entry) -> Entry:
        original = self._sealed(candidate.waiting, aside)
        if not original:
            raise FileNotFoundError(candidate.waiting.delivery.path)
        return self._accept(candidate, original, entry.first_seen, entry)

    def take_in(self, feed: Feed) -> list[Entry]:
        """Take in all that waits of one feed; returns what became of each delivery (`repeated`: not recorded)."""
        outcomes = [entry for entry in self._take_in(feed) if entry]
        # Arrow keeps what it has freed; readers and the build need it.
        pa.default_memory_pool().release_unused()
        return outcomes

    def _take_in(self, feed: Feed) -> list[Entry | None]:
        """What became of each delivery, None of those that changed meanwhile and wait."""
        first_seen = datetime.now(UTC).isoformat(timespec="microseconds")
        outcomes: list[Entry | None] = []
        waiting: list[Waiting] = []
        for path in files_waiting(self.home, feed):
            # Its sender may take a file back meanwhile.
            with contextlib.suppress(FileNotFoundError):
                try:
                    waiting.append(Waiting(recognise(feed, path), _sha256(path)))
                except BrokenPromise as broken:
                    outcomes.append(self._refuse(feed.id, path, f"{feed.table}-unnamed", first_seen, broken))
        files = len(outcomes) + len(waiting)
        for wave in _waves(waiting):
            # Before a wave: one file of a city takes its time.
            log.info("%s: %s of %s files done, reading %s", feed.id, len(outcomes), files, len(wave))
            outcomes += self._take_in_wave(feed, wave, first_seen)
        return outcomes

    def _take_in_wave(self, feed: Feed, wave: list[Waiting], first_seen: str) -> list[Entry | None]:
        outcomes: list[Entry | None] = []
        candidates: list[Candidate] = []
        tallies = gate.Tallies()
        with self.home.scratch("intake") as aside:
            repeated = {file.id for file in wave if self._known(file)}
            readers().begin(file.delivery for file in wave if file.id not in repeated)
            for file in wave:
                if file.id in repeated:
                    outcomes.append(self._repeat(file, first_seen))
                    continue
                try:
                    candidates.append(self._read(file, aside, tallies))
                except FileNotFoundError:
                    if file.delivery.path.exists():
                        raise
                except BrokenPromise as broken:
                    outcomes.append(self._refuse_waiting(file, first_seen, broken))
            return outcomes + self._judge(feed, self._measured(candidates, tallies), first_seen, aside)

    def _known(self, file: Waiting) -> bool:
        """Whether these bytes were accepted before. Sent again, they make good for rows that the lake has lost."""
        entry = self._accepted(file)
        return entry is not None and lake.is_whole(self.home, file.delivery.feed, entry)

    def _accepted(self, file: Waiting) -> Entry | None:
        entry = self.register.get(file.id)
        return entry if entry and entry.status == ACCEPTED else None

    def _read(self, file: Waiting, aside: Path, tallies: gate.Tallies) -> Candidate:
        delivery = file.delivery
        manifest = read_manifest(delivery)
        _keep_manifest(file, manifest)
        candidate = self._checked(file, aside, tallies)
        keep_rows(delivery, manifest, candidate.counts)
        if mended_file := mended.file_of(candidate.ignored_columns):
            self._keep_to_mended(delivery, mended_file)
        if delivery.feed.refuse_repeated_bytes and candidate.counts.total:
            self._keep_month(file)
        return candidate

    def _checked(self, file: Waiting, aside: Path, tallies: gate.Tallies) -> Candidate:
        """A delivery read, keyed and written aside, table by table."""
        delivery, feed = file.delivery, file.delivery.feed
        rows = lake.Rows(aside / file.id, feed, delivery.month, file.id, self.keyring)
        counts, simulated, around = RowCounts(), False, 0
        ignored: list[str] = []
        readings: list[str] = []
        with contextlib.closing(rows):
            for table, checked in readers().read(delivery):
                raw, personal = separate(feed, delivery.month, checked.accepted, self.keyring)
                rows.add(raw, personal, self._keyed(feed, checked.rejected))
                counts.add(checked)
                tallies.add(file.id, delivery, checked.accepted)
                simulated = simulated or are_simulated(feed, checked.accepted)
                around += table.around
                ignored += table.ignored_columns
                readings += table.encoding.split(", ")
        ignored = list(dict.fromkeys([*ignored, *lines_around(around)]))
        return Candidate(file, rows, counts, ", ".join(dict.fromkeys(readings)), ignored, simulated)

    def _measured(self, candidates: list[Candidate], tallies: gate.Tallies) -> list[Candidate]:
        """Candidates with the figures by which the gate judges them."""

        def measures(candidate: Candidate) -> gate.Measures:
            delivery, tally = candidate.waiting.delivery, tallies.of(candidate.waiting.id)
            return gate.compare(delivery, candidate.counts, self._previous(delivery), tally)

        return [replace(candidate, measures=measures(candidate)) for candidate in candidates]

    def _keyed(self, feed: Feed, rejected: pa.Table) -> pa.Table:
        """Rows set apart, with what is known of their person and place."""
        rejected = rejected.append_column(PERSON_KEY, usable_person_keys(feed, rejected, self.keyring))
        if COMMUNE not in rejected.column_names:
            rejected = rejected.append_column(COMMUNE, pa.nulls(rejected.num_rows, pa.string()))
        return rejected

    def _previous(self, delivery: Delivery) -> gate.Previous | None:
        """What the delivery is measured by; nothing where units of other boundaries sent, or were counted."""
        last = self.register.previous(delivery.feed.id, delivery.commune, delivery.month)
        if not last:
            return None
        of_communes = delivery.commune or delivery.feed.key == (COMMUNE,)
        if of_communes and not same_boundaries(last.period_month, delivery.month):
            return None
        measures = last.measures
        return gate.Previous(int(measures.get("rows_accepted") or 0), int(measures.get("communes") or 0), measures)

    def _keep_to_mended(self, delivery: Delivery, sha256: str) -> None:
        """Refuse mended rows that would not come beside those of their file, whose SHA-256 begins as given."""
        if not delivery.supplement:
            raise delivery.feed.broken(delivery.file, "the file name", "mended_name")
        if not self._took_in(delivery, sha256):
            month = f"{delivery.month:%Y-%m}"
            raise delivery.feed.broken(delivery.file, "the file", "mended_alone", month=month)

    def _took_in(self, delivery: Delivery, sha256: str) -> bool:
        """Whether a file that begins with these digits was accepted for the month and commune of a delivery."""
        return bool(
            self.register.entries(
                "feed = ? and month = ? and commune is ? and status = ? and sha256 like ? || '%'",
                (delivery.feed.id, delivery.month.isoformat(), delivery.commune, ACCEPTED, sha256),
            )
        )

    def _keep_month(self, file: Waiting) -> None:
        delivery = file.delivery
        other = self.register.same_bytes_elsewhere(delivery.feed.id, file.sha256, delivery.month)
        if other:
            raise delivery.feed.broken(
                delivery.file, "the file", "other_month",
                other=f"{other.month:%Y-%m}", name=other.file, month=f"{delivery.month:%Y-%m}",
            )  # fmt: skip

    def _judge(self, feed: Feed, candidates: list[Candidate], first_seen: str, aside: Path) -> list[Entry | None]:
        by_id = {candidate.waiting.id: candidate for candidate in candidates}
        judged = {name: (candidate.waiting.delivery, candidate.measures) for name, candidate in by_id.items()}
        outcomes: list[Entry | None] = []
        for name, broken in gate.unmet(feed, judged).items():
            candidate = by_id[name]
            if broken:
                reasons = _as_a_whole(feed, broken, candidate.counts)
                where = "the delivery as a whole"
                refusal = feed.broken(candidate.waiting.delivery.file, where, "unmet", en=reasons.en, vi=reasons.vi)
                outcomes.append(self._refuse_waiting(candidate.waiting, first_seen, refusal, candidate))
            elif original := self._sealed(candidate.waiting, aside):
                outcomes.append(self._accept(candidate, original, first_seen, self._accepted(candidate.waiting)))
        return outcomes

    def _accept(self, candidate: Candidate, original: Original, first_seen: str, before: Entry | None = None) -> Entry:
        """Let a delivery count in the place of what counted of it `before`."""
        file, delivery, rows = candidate.waiting, candidate.waiting.delivery, candidate.rows
        if candidate.simulated:
            self.home.say_simulated()
        entry = replace(self._entry(file, first_seen, ACCEPTED, candidate), lake_files=rows.files)
        if before:
            entry = replace(entry, revision=before.revision, first_seen=before.first_seen)
            counted = (entry.rows, entry.quarantined) == (before.rows, before.quarantined)
            files_before = before.lake_files or lake.files(self.home, delivery.feed, before)
            if not counted or rows.files != files_before:
                entry = replace(entry, revision=before.revision + 1)
                # Said before it is so: a build too many, where this breaks off, and never one too few.
                self.register.record(replace(before, revision=entry.revision))
        rows.place(self.home)
        self._keep_original(entry, original)
        self.register.record(entry)
        # It may have been refused before, by another version of its contract.
        shutil.rmtree(self.home.quarantine / file.id, ignore_errors=True)
        _clear(delivery.path, file.sha256)
        return entry

    def sealed_file(self, entry: Entry) -> Path:
        """Where the original of a delivery lies sealed: in the archive, or in quarantine when it was refused."""
        if entry.status == REFUSED:
            # What was never read has no hash, and was moved as it is.
            return self.home.quarantine / entry.delivery_id / (entry.file + sealed.SUFFIX * bool(entry.sha256))
        extension = entry.file.rsplit(".", 1)[-1].lower()
        name = f"{entry.delivery_id}.{extension}{sealed.SUFFIX}"
        return self.home.archive / entry.feed.replace("/", "__") / f"{entry.month:%Y-%m}" / name

    def _sealed(self, file: Waiting, aside: Path) -> Original | None:
        return _seal(file.delivery.path, aside / f"{file.id}{sealed.SUFFIX}", file.sha256, self.keyring)

    def _keep_original(self, entry: Entry, original: Original) -> None:
        """Keep a sealed file, with a manifest beside it that tells what it is without the register: no row's value."""
        keep(original.sealed, self.sealed_file(entry))
        self.keep_manifest(entry, bytes=original.size)

    def keep_manifest(self, entry: Entry, **more: int) -> None:
        """Write down beside a sealed original what the register says of it, and the key: a register can be made of it.

        It outlives the original, to say when that was let go.
        """
        path = self.sealed_file(entry)
        manifest = {**entry.stated(), **more, "key": self.keyring.fingerprint}
        write_atomically(
            path.with_name(path.name + SUFFIX), json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        )

    def _refuse_waiting(
        self, file: Waiting, first_seen: str, broken: BrokenPromise, candidate: Candidate | None = None
    ) -> Entry | None:
        entry = self._entry(file, first_seen, REFUSED, candidate, broken)
        return self._keep_refused(entry, file.delivery.path)

    def _refuse(self, feed: str, path: Path, kind: str, first_seen: str, broken: BrokenPromise) -> Entry | None:
        """Refuse what is no delivery of a feed; where it is no file, or too large for one, without reading it."""
        try:
            keep_to_files(path, lambda *_, **__: broken)
            sha256 = _sha256(path)
        except BrokenPromise:
            sha256 = ""
        state = path.lstat()
        # Other than deliveries of a feed, two things of one content are two.
        named = hashlib.sha256(
            ascii((feed, path.name, sha256 or (state.st_ino, state.st_mtime_ns))).encode()
        ).hexdigest()
        entry = Entry(
            f"{kind}-{named[:12]}", feed, safe_name(path), None, None, False, sha256, first_seen, REFUSED,
            place=broken.place, promise=broken.promise, owner=broken.owner, next_step=broken.next_step,
            vietnamese=broken.vietnamese,
        )  # fmt: skip
        return self._keep_refused(entry, path)

    def _keep_refused(self, entry: Entry, path: Path) -> Entry | None:
        if not entry.sha256:
            return self._set_aside(entry, path)
        with self.home.scratch("refused") as aside:
            original = _seal(path, aside / "original", entry.sha256, self.keyring)
            if not original:
                return None
            self._keep_original(entry, original)
        self.register.record(entry)
        _clear(path, entry.sha256)
        return entry

    def _set_aside(self, entry: Entry, path: Path) -> Entry | None:
        """Move what is not read out of landing, as it is; it stays there when its folder is not ours to change."""
        aside = self.sealed_file(entry)
        aside.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.replace(aside)
        except FileNotFoundError:
            return None
        except OSError:
            log.warning("%s/%s cannot be moved out of landing, and stays there.", entry.feed, entry.file)
        self.register.record(entry)
        return entry

    def _repeat(self, file: Waiting, first_seen: str) -> Entry:
        _clear(file.delivery.path, file.sha256)
        return self._entry(file, first_seen, REPEATED)

    def _entry(
        self,
        file: Waiting,
        first_seen: str,
        status: str,
        candidate: Candidate | None = None,
        broken: BrokenPromise | None = None,
    ) -> Entry:
        delivery = file.delivery
        read: dict[str, Any] = {}
        if candidate:
            read = {
                "rows": candidate.counts.accepted,
                "quarantined": candidate.counts.rejected,
                "encoding": candidate.encoding,
                "ignored_columns": candidate.ignored_columns,
                "quarantine_reasons": dict(sorted(candidate.counts.reasons.items())),
                "measures": dict(candidate.measures),
            }
        refused_because: dict[str, Any] = {}
        if broken:
            refused_because = {
                "place": broken.place,
                "promise": broken.promise,
                "owner": broken.owner,
                "next_step": broken.next_step,
                "vietnamese": broken.vietnamese,
            }
        return Entry(
            delivery_id=file.id, feed=delivery.feed.id, file=safe_name(delivery.path), month=delivery.month,
            commune=delivery.commune, supplement=delivery.supplement, sha256=file.sha256, first_seen=first_seen,
            status=status, **read, **refused_because,
        )  # fmt: skip


def files_waiting(home: Home, feed: Feed) -> list[Path]:
    """Files of one feed in landing, by name. Manifests and files still being written (hidden or .part) do not count."""
    return [path for path in _sent(home, feed) if _is_readable(path)]


def files_not_readable(home: Home, feed: Feed) -> list[Path]:
    """Files of one feed in landing that the pipeline's user may not read: they wait, and hold up no others."""
    return [path for path in _sent(home, feed) if not _is_readable(path)]


def _sent(home: Home, feed: Feed) -> list[Path]:
    folder = home.landing / feed.department / feed.name
    try:
        return sorted(path for path in folder.iterdir() if _is_whole(path) and not path.name.endswith(SUFFIX))
    except PermissionError:
        return []


def _strays(landing: Path, of_feeds: set[Path]) -> Iterator[Path]:
    """What lies beside or below the folders of feeds, in order, but for folders."""
    for folder, folders, files in os.walk(landing):
        folders.sort()
        # A link to a folder is listed with folders, and not entered.
        for name in sorted([*files, *(name for name in folders if Path(folder, name).is_symlink())]):
            path = Path(folder, name)
            if path.parent not in of_feeds and _is_readable(path):
                yield path


def _is_readable(path: Path) -> bool:
    """Whether a thing can be taken in, or turned away; what is no file needs no reading."""
    sent = (path, path.with_name(path.name + SUFFIX))
    return _is_whole(path) and all(os.access(part, os.R_OK) for part in sent if _is_file(part))


def _is_whole(path: Path) -> bool:
    """Whether a name stands for something that was sent, and no folder. Hidden names and .part are under way."""
    if path.name.startswith(".") or path.name.endswith((".part", ".tmp")):
        return False
    try:
        return not stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _waves(waiting: list[Waiting]) -> list[list[Waiting]]:
    """Deliveries in the order of months, at most one per commune in a wave: each is judged against the one before."""
    waves: dict[tuple[date, int], list[Waiting]] = {}
    seen: dict[tuple[date, str | None], int] = {}
    for file in waiting:
        scope = (file.delivery.month, file.delivery.commune)
        seen[scope] = seen.get(scope, 0) + 1
        waves.setdefault((file.delivery.month, seen[scope]), []).append(file)
    return [waves[key] for key in sorted(waves)]


def _keep_manifest(file: Waiting, manifest: Manifest) -> None:
    delivery = file.delivery
    if manifest.sha256 and manifest.sha256.lower() != file.sha256:
        raise delivery.feed.broken(delivery.file, "the file", "manifest_bytes")
    if manifest.month and manifest.month != delivery.month:
        stated = f"{manifest.month:%Y-%m}"
        named = f"{delivery.month:%Y-%m}"
        raise delivery.feed.broken(delivery.file, "the manifest", "manifest_month", stated=stated, named=named)


def keep_rows(delivery: Delivery, manifest: Manifest, counts: RowCounts) -> None:
    """Refuse a delivery with fewer rows than its manifest says, or with none where that cannot be."""
    if manifest.rows is not None and counts.total < manifest.rows:
        missing = manifest.rows - counts.total
        raise delivery.feed.broken(
            delivery.file, f"row {counts.total}", "rows_missing", missing=missing, stated=manifest.rows
        )
    if counts.total == 0 and not delivery.feed.may_be_empty:
        raise delivery.feed.broken(delivery.file, "the file", "no_rows")


def _as_a_whole(feed: Feed, broken: list[Wording], counts: RowCounts) -> Wording:
    """All that a delivery breaks, with what is wrong with which of its rows."""
    headers = {column.name: column.header_vi for column in feed.columns}
    reasons = [(code, rows, reason(code, headers)) for code, rows in sorted(counts.reasons.items())]
    en, vi = "; ".join(unmet.en for unmet in broken) + ".", "; ".join(unmet.vi for unmet in broken) + "."
    if reasons:
        en += " Rows: " + "; ".join(
            f"{wording.en} ({code}) {rows}: {_listed(counts, code)}" for code, rows, wording in reasons
        )
        vi += " Các dòng: " + "; ".join(
            f"{wording.vi} ({rows}): {_listed(counts, code)}" for code, rows, wording in reasons
        )
        en, vi = f"{en}.", f"{vi}."
    return Wording(en, vi)


def _listed(counts: RowCounts, code: str) -> str:
    """Numbers of the rows that were set apart for a reason, of the first of them."""
    rows = counts.first_rows[code]
    return ", ".join(map(str, rows)) + (" ..." if len(rows) < counts.reasons[code] else "")


def _sha256(path: Path) -> str:
    with _opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _opened(path: Path) -> BufferedReader:
    """A file of landing, open to be read. A link or a pipe that has taken its name since is as good as gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise FileNotFoundError(path) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(path)
    return os.fdopen(descriptor, "rb")


def _seal(path: Path, aside: Path, sha256: str, keyring: Keyring) -> Original | None:
    """Seal a file of landing aside; None when it is gone, or not the one that was read."""
    try:
        with _opened(path) as file:
            if sealed.seal_file(aside, file, keyring) == sha256:
                return Original(aside, file.tell())
    except FileNotFoundError:
        return None
    log.warning("%s changed while it was read. It stays in landing and is read again.", safe_name(path))
    return None


def _clear(path: Path, sha256: str) -> None:
    """Take a file and its manifest out of landing, unless another one has come under its name."""
    try:
        if _sha256(path) != sha256:
            log.warning("%s changed while it was read. It stays in landing and is read again.", safe_name(path))
            return
    except FileNotFoundError:
        return
    sidecar = path.with_name(path.name + SUFFIX)
    # A name may leave no room for that of a manifest, and a manifest may be a folder, whose files are strays.
    with contextlib.suppress(OSError):
        sidecar.rmdir() if sidecar.is_dir() and not sidecar.is_symlink() else sidecar.unlink()
    try:
        path.unlink(missing_ok=True)
    except OSError:
        log.warning("%s cannot be taken out of landing: its folder belongs to somebody else.", safe_name(path))
