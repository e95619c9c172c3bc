"""A folder of Parquet files as a store of readings: what is asked is read from its present state.

Readers take no lock. A file that went while they read means that a newer state has come: they ask
again. Days are kept beside the months they were made from, by the digest of those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bsh_geo import store_manifest, store_reader, store_writer
from bsh_geo.errors import DataError
from bsh_geo.networks import network_of
from bsh_geo.project import Project
from bsh_geo.store_engine import EngineError
from bsh_geo.store_manifest import Manifest
from bsh_geo.store_reader import Question
from bsh_geo.store_records import (
    BATCH_COLUMNS,
    CORRECTION_COLUMNS,
    PATIENCE,
    BatchInfo,
    Extent,
    Moment,
    Rows,
    Written,
    busy,
    checked,
    day,
    day_columns,
    empty,
    hour_columns,
    moment,
)

TRIES = 3
"""States that a reader takes up in turn when imports overtake it."""


FEW_MONTHS = 2
"""Months that an import may touch and leave their days to the first question for them: an hour or
a day that is appended should not wait for what nobody has asked yet."""


@dataclass(frozen=True)
class FileStore:
    """Readings in files under ``folder``; with None there are none, and none can be stored."""

    project: Project
    folder: Path | None
    keeps_days: bool = True
    patience: float = PATIENCE

    def exists(self, network: str) -> bool:
        """See ``Store.exists``."""
        return bool(self._state(network).months)

    def write(self, network: str, rows: Rows, batch: BatchInfo) -> Written:
        """See ``Store.write``."""
        declared = network_of(self.project, network)
        if self.folder is None:
            raise DataError(
                "内置数据不能写入读数；请用 --project 指定项目文件夹。",
                "Readings cannot be stored in the shipped data; name a folder with --project.",
            )
        folder, shown = self.folder / network, self._shown(network)
        try:
            with store_manifest.writing(folder, shown, self.patience):
                before = self._state(network).months
                frames = checked(declared, rows)
                written = store_writer.write(declared, folder, shown, frames, batch)
                after = self._state(network).months
                new = [month for name, month in after.items() if before.get(name) != month]
                if self.keeps_days and len(new) > FEW_MONTHS:
                    store_reader.keep(declared, folder, new)
                return written
        except OSError as error:
            raise store_manifest.unwritable(shown, error) from error
        except (EngineError, pa.ArrowException) as error:
            self._raise_faulty(network, self._state(network), str(error), error)

    def batches(self, network: str) -> pd.DataFrame:
        """See ``Store.batches``."""
        return self._log(network, "batches", BATCH_COLUMNS)

    def corrections(self, network: str, batch: int | None = None) -> pd.DataFrame:
        """See ``Store.corrections``."""
        rows = self._log(network, "corrections", CORRECTION_COLUMNS)
        return rows if batch is None else rows[rows["batch"] == batch].reset_index(drop=True)

    def extent(self, network: str) -> Extent:
        """See ``Store.extent``."""
        state = self._state(network)
        months = list(state.months.values())
        items = network_of(self.project, network).items
        return Extent(
            first=min((pd.Timestamp(month.first) for month in months), default=None),
            last=max((pd.Timestamp(month.last) for month in months), default=None),
            stations=state.stations,
            rows=sum(month.rows for month in months),
            values={name: sum(month.values.get(name, 0) for month in months) for name in items},
        )

    def months(self, network: str) -> tuple[str, ...]:
        """See ``Store.months``."""
        return tuple(sorted(self._state(network).months))

    def digest(self, network: str) -> str:
        """See ``Store.digest``."""
        return self._state(network).digest

    def hours(
        self,
        network: str,
        stations: Iterable[str] | None = None,
        first: Moment | None = None,
        last: Moment | None = None,
        items: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """See ``Store.hours``."""
        declared = network_of(self.project, network)
        names = list(declared.items if items is None else items)
        columns = hour_columns(declared, names)
        question = Question(_listed(stations), moment(first, "first"), moment(last, "last"))

        def read(folder: Path, state: Manifest) -> pd.DataFrame:
            return _frame(store_reader.hours(declared, folder, state, question, names), columns)

        return self._read(network, read, columns)

    def days(
        self,
        network: str,
        stations: Iterable[str] | None = None,
        first: Moment | None = None,
        last: Moment | None = None,
    ) -> pd.DataFrame:
        """See ``Store.days``."""
        declared = network_of(self.project, network)
        columns = day_columns(declared)
        question = Question(_listed(stations), day(first, "first"), day(last, "last"))

        def read(folder: Path, state: Manifest) -> pd.DataFrame:
            made = store_reader.days(declared, folder, state, question, self.keeps_days)
            return _frame(made, columns)

        return self._read(network, read, columns)

    def verify(self, network: str) -> int:
        """See ``Store.verify``."""
        pieces = self._state(network).pieces
        for piece in pieces:
            self._compare(network, piece.file, piece.size, piece.sha256)
        return len(pieces)

    def _shown(self, network: str) -> str:
        return f"readings/{network}"

    def _state(self, network: str) -> Manifest:
        network_of(self.project, network)
        found = None
        if self.folder is not None:
            found = store_manifest.read(self.folder / network, self._shown(network))
        return found or Manifest(network)

    def _read(
        self,
        network: str,
        read: Callable[[Path, Manifest], pd.DataFrame],
        columns: dict[str, str],
    ) -> pd.DataFrame:
        """What ``read`` makes of the present state; of a newer one if its files went meanwhile."""
        state = self._state(network)
        for _ in range(TRIES):
            if self.folder is None or not state.files:
                return empty(columns)
            try:
                return read(self.folder / network, state)
            except (EngineError, OSError, pa.ArrowException) as error:
                newer = self._state(network)
                if newer.files == state.files:
                    self._raise_faulty(network, state, str(error), error)
                state = newer
        raise busy(self._shown(network))

    def _log(self, network: str, log: str, columns: dict[str, str]) -> pd.DataFrame:
        def read(folder: Path, state: Manifest) -> pd.DataFrame:
            pieces = state.batches if log == "batches" else state.corrections
            tables = [pq.read_table(folder / piece.file) for piece in pieces]
            return _frame(pa.concat_tables(tables), columns) if tables else empty(columns)

        return self._read(network, read, columns)

    def _raise_faulty(self, network: str, state: Manifest, told: str, error: Exception) -> NoReturn:
        """Name the file that is missing or damaged; the engine's words only where none is."""
        for piece in state.pieces:
            self._compare(network, piece.file, piece.size, piece.sha256)
        shown, line = self._shown(network), told.splitlines()[0]
        raise DataError(
            f"读数库 {shown} 无法读取：{line}。", f"The store {shown} cannot be read: {line}."
        ) from error

    def _compare(self, network: str, file: str, size: int, sha256: str) -> None:
        if self.folder is None:
            return
        path, shown = self.folder / network / file, f"{self._shown(network)}/{file}"
        try:
            same = path.stat().st_size == size and store_manifest.digest_of(path) == sha256
        except FileNotFoundError as error:
            raise DataError(
                f"缺少读数文件 {shown}；请从备份恢复。",
                f"The file of readings {shown} is missing; restore it from a backup.",
            ) from error
        except OSError as error:
            raise store_manifest.unreadable(shown, error) from error
        if not same:
            raise DataError(
                f"读数文件 {shown} 已损坏（与 manifest.json 所记不符）；请从备份恢复。",
                f"The file of readings {shown} is damaged: it is not what manifest.json records; "
                "restore it from a backup.",
            )


def _listed(stations: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if stations is None else tuple(stations)


def _frame(table: pa.Table, columns: dict[str, str]) -> pd.DataFrame:
    """An Arrow table as a frame of typed columns; the table is given up, which saves its memory."""
    frame: pd.DataFrame = table.select(list(columns)).to_pandas(
        split_blocks=True, self_destruct=True
    )
    typed: pd.DataFrame = frame.astype(columns)
    return typed
