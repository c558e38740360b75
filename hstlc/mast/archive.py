"""What the archive lists: datasets and their files, asked through astroquery and checked for completeness."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import requests

from hstlc.errors import ArchiveError
from hstlc.mast.addresses import require_secure
from hstlc.mast.pace import Pace
from hstlc.mast.selection import COLUMNS, CRITERIA
from hstlc.mast.sessions import GuardedSession, RefusedError, reason
from hstlc.mast.tap import PAGE as TAP_PAGE
from hstlc.mast.tap import count_query, page_query, read_table, tap_address

log = logging.getLogger(__name__)
PAGE = 5000  # rows; the largest that astroquery asks for on its own
MOST_DATASETS = 1_000_000  # far more than there are
PATIENCE = 2  # batches in a row without an answer, then no more are asked
T = TypeVar('T')
Row = dict[str, Any]


class NoAnswerError(Exception):
    """A question was not answered in time."""


@dataclass(frozen=True)
class Products:
    """Rows of product lists, and the datasets for which none came."""

    rows: tuple[Row, ...]
    unanswered: tuple[str, ...]


class Archive:
    """Questions to MAST about Hubble's data.

    Parameters
    ----------
    pace : Pace
        Shared with the downloads.
    timeout_s : float
        Of one question.
    tries : int
        Of one question.
    pause_s : float
        Before the second try; doubled for each further one.
    contact : str
        Told to the archive.
    """

    def __init__(self, pace: Pace, *, timeout_s: float, tries: int, pause_s: float, contact: str = '') -> None:
        from astroquery.exceptions import InvalidQueryError, RemoteServiceError
        from astroquery.exceptions import TimeoutError as TookTooLongError
        from astroquery.mast import MastMissions, conf

        self.server = require_secure(str(conf.server))
        self.session = GuardedSession(contact, timeout_s=timeout_s)
        self.missions: Any = type(MastMissions)(mission='hst')
        self.missions._service_api_connection._session = self.session  # astroquery's own waits and reads without bounds
        self.pace, self.timeout_s, self.tries, self.pause_s = pace, timeout_s, tries, pause_s
        # What astroquery raises where the archive is down, or sends a page instead of JSON.
        self.refusals: tuple[type[Exception], ...] = (
            InvalidQueryError, RemoteServiceError, TookTooLongError, requests.RequestException, RefusedError, NoAnswerError,
            OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError,
        )  # fmt: skip

    def datasets(self) -> list[Row]:
        """Return every row of the selection.

        Raises
        ------
        ArchiveError
            The archive does not answer, or does not send as many rows as it says it has.
        """
        columns = self._ask('list of columns', self._columns)
        wanted = [name for name in COLUMNS if name in columns]
        # Text with commas: releases of astroquery differ in what they make of a list.
        criteria = {name: ','.join(values) for name, values in CRITERIA.items() if name in columns}
        if 'sci_data_set_name' not in wanted or 'sci_operating_mode' not in criteria:
            raise ArchiveError('the archive has no column sci_data_set_name or sci_operating_mode any more; update hstlc')
        rows: dict[str, Row] = {}
        asked = 0
        while True:
            page, total = self._ask('list of datasets', partial(self._page, criteria, wanted, asked))
            asked += len(page)
            fresh = {str(row['sci_data_set_name']): row for row in page}
            if total > MOST_DATASETS or (page and fresh.keys() <= rows.keys()):
                raise ArchiveError(f'the archive says that it has {total} datasets and repeats itself; try again later')
            rows.update(fresh)
            if asked >= total or not page:
                break
        if asked != total:
            raise ArchiveError(f'the archive sent {asked} of {total} datasets; try again later')
        return list(rows.values())

    def _columns(self) -> list[str]:
        """Ask for the columns in the place of astroquery, which would read an answer of any size, from anywhere."""
        from astropy.table import Table

        answer = self.session.get(f'{self.server}/search/util/api/v0.1/column_list', params={'mission': 'hst'})
        answer.raise_for_status()
        names = [str(column['column_name']) for column in answer.json()]
        self.missions.columns['hst'] = Table({'name': names})
        return names

    def datasets_by_tap(self) -> list[Row]:
        """Return every row of the selection as MAST's TAP service has it.

        Raises
        ------
        ArchiveError
            It does not answer, or not with as many rows as it says it has.
        """
        ((total,),) = (tuple(row.values()) for row in self._ask('number of datasets (TAP)', partial(self._tap, count_query())))
        rows: list[Row] = []
        while True:
            last = str(rows[-1]['sci_data_set_name']).strip() if rows else ''
            page = self._ask('list of datasets (TAP)', partial(self._tap, page_query(last)))
            rows += page
            if len(page) < TAP_PAGE or len(rows) > total:
                break
        if len(rows) != total:
            raise ArchiveError(f'the archive sent {len(rows)} of {total} datasets (TAP); try again later')
        return rows

    def _tap(self, query: str) -> list[Row]:
        answer = self.session.post(tap_address(self.server), data={'REQUEST': 'doQuery', 'LANG': 'ADQL', 'QUERY': query})
        answer.raise_for_status()
        return read_table(answer.content)

    def _page(self, criteria: Row, columns: list[str], offset: int) -> tuple[list[Row], int]:
        answer = self.missions.query_criteria_async(
            limit=PAGE, offset=offset, select_cols=list(columns), sort_by=['sci_data_set_name'], **criteria
        ).json()
        rows = [dict(row) for row in answer['results']]
        if any('sci_data_set_name' not in row for row in rows):
            raise ValueError('rows without sci_data_set_name')
        return rows, int(answer['totalResults'])

    def products(self, names: Sequence[str], batch: int) -> Products:
        """Return the files that the archive lists under datasets.

        A batch without an answer is left out; after several in a row no more are asked.

        Parameters
        ----------
        names : sequence of str
            Datasets.
        batch : int
            Datasets per question.
        """
        rows: list[Row] = []
        unanswered: list[str] = []
        failures = 0
        for k in range(0, len(names), batch):
            part = list(names[k : k + batch])
            if failures >= PATIENCE:
                unanswered += part
                continue
            try:
                rows += self._ask('list of files', partial(self._products, part))
                failures = 0
            except ArchiveError as error:
                log.warning('%s', error)
                unanswered += part
                failures += 1
        rows.sort(key=lambda row: (str(row['dataset']), str(row['filename'])))  # astroquery asks in no order of its own
        return Products(tuple(rows), tuple(unanswered))

    def _products(self, names: list[str]) -> list[Row]:
        said = self.missions.get_product_list_async(names)
        found = [answer.json()['products'] for answer in (said if isinstance(said, list) else [said])]  # a list from 0.4.12 on
        rows = [
            dict(row) for products in found for row in (products[0] if products and isinstance(products[0], list) else products)
        ]
        if any('filename' not in row or 'dataset' not in row for row in rows):
            raise ValueError('rows without filename or dataset')
        if not rows and len(names) > 1:
            raise ValueError(f'not one file under {len(names)} datasets')
        return rows

    def _ask(self, what: str, question: Callable[[], T]) -> T:
        """Ask until there is an answer.

        Raises
        ------
        ArchiveError
            There is none after all tries.
        """
        for number in range(self.tries):
            if number:
                self.pace.sleep(self.pause_s * 2 ** (number - 1))
            self.pace.wait()
            try:
                return _in_time(question, self.timeout_s, self.refusals)
            except self.refusals as error:
                why = reason(error)
                log.warning('%s, try %d of %d: %s', what, number + 1, self.tries, why)
        raise ArchiveError(f'the archive at {self.server} gives no usable {what} ({why}); try again later')


def _in_time(question: Callable[[], T], timeout_s: float, refusals: tuple[type[Exception], ...]) -> T:
    """Return an answer; one that takes too long is given up, because astroquery itself would wait for ever."""
    answers: list[T] = []
    errors: list[Exception] = []

    def ask() -> None:
        try:
            answers.append(question())
        except refusals as error:  # raised again in the thread that asked
            errors.append(error)

    thread = threading.Thread(target=ask, daemon=True, name='ask-archive')
    thread.start()
    thread.join(timeout_s)
    if errors:
        raise errors[0]
    if not answers:
        raise NoAnswerError(f'no answer within {timeout_s:g} s')
    return answers[0]
