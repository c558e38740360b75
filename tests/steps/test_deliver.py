"""Delivery: what is chosen, names, list, catalog, read-me file, report, and versions."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from archive_builders import exposure, made, record, target
from astropy.io import fits
from astropy.table import Table
from installed import fitsverify, needs_fitsverify

from hstlc.errors import StateError
from hstlc.files import records
from hstlc.files.output import sha256
from hstlc.files.products import write_lightcurve
from hstlc.files.records import save
from hstlc.model import Delivery, Product, Statistics
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.settings import load as load_settings
from hstlc.steps.deliver import deliver
from hstlc.steps.deliverable import chosen_by_name, decided
from hstlc.steps.versions import history

DAY, LATER = '2026-03-01', '2026-04-02'
PNG = b'\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x0a\0\0\0\x0a' + b'\0' * 20
GJ = 'hlsp_hstlc_hst_cos-fuv_gj-436_g130m-1291-psa_v{}_lc.fits'


class Home:
    """A home with two composites, one of them not fit for delivery."""

    def __init__(self, folder, **settings):
        self.settings = Settings(home=folder, contact='a@b.c', doi='10.17909/x', reference='2026AJ....1....1X', **settings)
        self.paths = Paths(self.settings)
        self.gj = [exposure(f'lgj{k}01abq', start=55555.5 + k) for k in range(2)]
        self.other = exposure('lwd101abq', 'WD0308', start=55600.0)
        self.stems = [self.put(self.gj), self.put([self.other], deliver=False)]
        targets = [records.to_plain(target(name, *members)) for name, members in (('GJ-436', self.gj), ('WD0308', [self.other]))]
        self.paths.targets.write_text(records.to_json({'version': 1, 'targets': targets}))

    def put(self, exposures, *, deliver=True, seed=0, **changes):
        """Write a composite as the pipeline does; return its stem."""
        one = made(exposures, composite=True, seed=seed)
        path = self.paths.absolute(one.outcome.product.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        curve = replace(one.lc, **changes)
        write_lightcurve(path, curve)
        path.with_suffix('.png').write_bytes(PNG)
        product = Product(path=one.outcome.product.path, bytes=path.stat().st_size, sha256=sha256(path))
        rows = tuple(records.to_plain(row) for row in curve.provenance)
        save(self.paths.outcome(one.outcome.stem), replace(one.outcome, product=product, provenance=rows))
        save(self.paths.stats(one.outcome.stem), replace(one.statistics, deliver=deliver))
        for item in exposures:
            save(self.paths.record(item.rootname), record(item))
        return one.outcome.stem

    def recalibrate(self, seed=9):
        """Give the composite of GJ 436 other numbers, from a newer calibration."""
        rows = tuple(replace(row, cal_ver='9.9.9') for row in made(self.gj, composite=True).lc.provenance)
        self.put(self.gj, seed=seed, provenance=rows)

    def deliver(self, day=DAY, **options):
        return deliver(self.settings, day, **options)

    @property
    def files(self):
        return {path.name for path in self.paths.delivery.iterdir()}

    def listed(self):
        name = max(name for name in self.files if name.endswith('_list.csv'))
        with (self.paths.delivery / name).open(encoding='utf-8', newline='') as file:
            return {row['file']: row for row in csv.DictReader(file)}

    def state(self):
        found = [path for top in (self.paths.delivery, self.paths.records) for path in top.rglob('*') if path.is_file()]
        return {str(path): (path.stat().st_mtime_ns, sha256(path)) for path in found}


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / 'home')


@pytest.fixture(scope='module')
def delivered(tmp_path_factory):
    """A home after its delivery, to look at only; `said` is what the terminal showed."""
    home = Home(tmp_path_factory.mktemp('delivered') / 'home')
    home.said = home.deliver()
    return home


def test_a_delivery_has_all_that_mast_asks_for(delivered):
    assert '7 PASS, 0 NEEDS REVIEW, 0 FAIL' in delivered.said
    assert delivered.files == {
        GJ.format(1), GJ.format(1).replace('_lc.fits', '_preview.png'), 'hlsp_hstlc_readme.md', 'report.txt',
        *(f'hlsp_hstlc_hst_cos-stis_all_multi_v1_{name}' for name in ('list.csv', 'cat.fits', 'cat.ecsv', 'cat.csv')),
    }  # fmt: skip
    report = (delivered.paths.delivery / 'report.txt').read_text()
    assert all(f'PASS          {name}\n' in report for name in delivered.files - {'report.txt'})


def test_the_delivered_tables_are_those_of_the_archive(delivered):
    path = delivered.paths.delivery / GJ.format(1)
    with fits.open(path) as copy, fits.open(delivered.paths.composites / f'{delivered.stems[0]}.fits') as source:
        assert [hdu.name for hdu in copy] == [hdu.name for hdu in source]
        for one, other in zip(copy[1:], source[1:], strict=True):
            assert one.data.tobytes() == other.data.tobytes()
        header = copy[0].header
        assert (header['FILENAME'], header['HLSPVER'], header['HLSPID']) == (path.name, 'v1', 'HSTLC')
        assert (header['DOI'], header['REFERENC']) == ('10.17909/x', '2026AJ....1....1X')


@needs_fitsverify
def test_fitsverify_finds_nothing_in_a_delivery(delivered):
    for path in delivered.paths.delivery.glob('*.fits'):
        assert 'Verification found 0 warning(s) and 0 error(s)' in fitsverify(path), path


def test_the_list_has_size_checksum_and_sources(delivered):
    rows = delivered.listed()
    assert set(rows) == {name for name in delivered.files if not name.endswith(('_list.csv', 'report.txt'))}
    for name, row in rows.items():
        assert int(row['bytes']) == (delivered.paths.delivery / name).stat().st_size
        assert row['sha256'] == sha256(delivered.paths.delivery / name)
        assert row['status'] == 'current'
    assert rows[GJ.format(1)]['exposures'] == 'lgj001abq lgj101abq'


@pytest.mark.parametrize('form', ['fits', 'ecsv', 'csv'])
def test_the_catalog_has_the_delivered_files(delivered, form):
    table = Table.read(delivered.paths.delivery / f'hlsp_hstlc_hst_cos-stis_all_multi_v1_cat.{form}')
    assert [str(name) for name in table['access_url']] == [GJ.format(1)]
    assert str(table['sha256'][0]) == sha256(delivered.paths.delivery / GJ.format(1))


def test_the_readme_says_whom_when_and_what(delivered):
    text = (delivered.paths.delivery / 'hlsp_hstlc_readme.md').read_text(encoding='utf-8')
    for wanted in ('a@b.c', DAY, 'v1', '10.17909/x', '2026AJ....1....1X', '`FLUX_ERR`', '`LOWEXP`', '`PROVENANCE`'):
        assert wanted in text


def test_without_contact_the_readme_needs_review(tmp_path):
    home = Home(tmp_path / 'home')
    home.settings = replace(home.settings, contact='', doi='')
    said = home.deliver()
    assert 'NEEDS REVIEW  hlsp_hstlc_readme.md' in said
    assert 'empty: contact, doi' in said
    assert '6 PASS, 1 NEEDS REVIEW, 0 FAIL' in said


def test_a_second_delivery_writes_nothing(home):
    home.deliver()
    before = home.state()
    home.deliver(LATER)
    assert home.state() == before


def test_a_delivery_is_the_same_byte_for_byte_on_another_day(delivered, home):
    home.deliver(LATER)
    for name in home.files - {'hlsp_hstlc_readme.md', 'hlsp_hstlc_hst_cos-stis_all_multi_v1_list.csv'}:  # they state the day
        assert (home.paths.delivery / name).read_bytes() == (delivered.paths.delivery / name).read_bytes(), name


# --- versions ----------------------------------------------------------------------------------------------------------------


def test_recalibrated_data_raise_the_version(home):
    home.deliver()
    first = sha256(home.paths.delivery / GJ.format(1))
    home.recalibrate()
    said = home.deliver(LATER)
    assert GJ.format(1) not in home.files
    assert (home.paths.put_aside / 'delivery' / GJ.format(1)).is_file()
    assert fits.getval(home.paths.delivery / GJ.format(2), 'HLSPVER') == 'v2'
    rows = home.listed()
    assert rows[GJ.format(2)]['status'] == 'current'
    old = rows[GJ.format(1)]
    assert (old['status'], old['superseded_by'], old['sha256'], old['delivered']) == ('superseded', GJ.format(2), first, DAY)
    assert 'recalibrated data: 9.9.9 after' in rows[GJ.format(2)]['change']
    assert '0 FAIL' in said
    assert {name for name in home.files if '_multi_' in name} == {
        f'hlsp_hstlc_hst_cos-stis_all_multi_v2_{name}' for name in ('list.csv', 'cat.fits', 'cat.ecsv', 'cat.csv')
    }


def test_the_page_is_told_the_history(home):
    assert history(home.paths, home.stems[0]) == []
    home.deliver()
    home.recalibrate()
    home.deliver(LATER)
    found = history(home.paths, home.stems[0])
    assert [(row['version'], row['status'], row['day']) for row in found] == [('v2', 'current', LATER), ('v1', 'superseded', DAY)]
    assert found[1]['change'] == 'first delivery'


def test_other_headers_alone_keep_the_version(home):
    home.deliver()
    rows = tuple(replace(row, cal_ver='9.9.9') for row in made(home.gj, composite=True).lc.provenance)
    home.put(home.gj, provenance=rows)
    home.deliver(LATER)
    assert [row['version'] for row in history(home.paths, home.stems[0])] == ['v1']
    assert fits.getdata(home.paths.delivery / GJ.format(1), 'PROVENANCE')['CAL_VER'][0] == '9.9.9'


def test_one_more_exposure_raises_the_version_and_says_so(home):
    home.deliver()
    home.put([*home.gj, exposure('lgj901abq', start=55600.5)])
    home.deliver(LATER)
    assert history(home.paths, home.stems[0])[0]['change'] == 'exposures added: lgj901abq'


def test_what_is_not_delivered_any_more_is_withdrawn_and_may_come_back(home):
    home.deliver()
    home.put(home.gj, deliver=False)
    said = home.deliver(LATER)
    assert 'no composite is delivered' in said
    assert home.listed()[GJ.format(1)]['status'] == 'withdrawn'
    assert history(home.paths, home.stems[0])[0]['status'] == 'withdrawn'
    before = home.state()
    home.deliver('2026-05-01')
    assert home.state() == before
    home.put(home.gj)
    home.deliver('2026-05-02')
    assert [row['version'] for row in history(home.paths, home.stems[0])] == ['v2', 'v1']


def test_a_draft_is_not_remembered(home):
    said = home.deliver(draft=True)
    assert 'Draft, not remembered' in said
    assert not home.paths.delivery_records.exists()
    home.recalibrate()
    home.deliver(LATER)
    assert records.load(home.paths.delivery_record(home.stems[0]), Delivery).versions[-1].version == 1


# --- what is found -----------------------------------------------------------------------------------------------------------


def broken(home, change, *, checksum=True):
    """Let the archive's composite lose something."""
    path = home.paths.composites / f'{home.stems[0]}.fits'
    with fits.open(path) as hdus:
        change(hdus)
        hdus.writeto(path, overwrite=True, checksum=checksum)


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        (lambda hdus: hdus[0].header.remove('PROPOSID'), 'keyword PROPOSID is missing'),
        (lambda hdus: hdus[1].header.remove('TSTOP'), 'keyword TSTOP is missing'),
        (lambda hdus: hdus[1].columns.change_unit('FLUX', 'Jy'), "column FLUX has the unit 'Jy'"),
        (lambda hdus: hdus[1].columns.change_name('N_SRC', 'N_SOURCE'), 'column N_SRC is missing'),
        (lambda hdus: hdus[1].data['TIME'].__setitem__(3, np.nan), 'not finite'),
    ],
)
def test_a_defect_fails_and_is_not_remembered(home, change, said):
    broken(home, change)
    with pytest.raises(StateError, match='1 FAIL') as caught:
        home.deliver()
    assert said in str(caught.value)
    assert said in (home.paths.delivery / 'report.txt').read_text()
    assert not home.paths.delivery_records.exists()


def test_a_table_whose_bytes_changed_fails(home):
    broken(home, lambda hdus: hdus[1].data['FLUX'].__setitem__(0, 1.0), checksum=False)
    with pytest.raises(StateError, match='checksum missing or wrong'):
        home.deliver()


def test_a_missing_preview_fails(home):
    (home.paths.composites / f'{home.stems[0]}.png').unlink()
    with pytest.raises(StateError, match='its preview is missing'):
        home.deliver()


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        (lambda hdus: hdus[0].header.remove('RA_TARG'), 'no position'),
        (lambda hdus: hdus[1].data['FLUX'].__setitem__(0, np.nan), 'FLUX is not finite in 1 of'),
    ],
)
def test_what_a_person_should_see_needs_review(home, change, said):
    broken(home, change)
    report = home.deliver()
    assert f'NEEDS REVIEW  {GJ.format(1)}\n' in report
    assert said in report
    assert '0 FAIL' in report


# --- the setting -------------------------------------------------------------------------------------------------------------

NUMBERS = dict.fromkeys(('mean', 'mu', 'stdev', 'poisson_factor', 'pearson_r', 'pearson_p'), 1.0)


def test_settings_decide_by_name(tmp_path):
    (tmp_path / 'hstlc.toml').write_text("deliver_also = ['a.fits', 'both']\ndeliver_never = ['b', 'both']\n")
    settings = load_settings({'HSTLC_HOME': str(tmp_path)}, tmp_path)
    assert [chosen_by_name(settings, stem) for stem in ('a', 'b', 'both', 'c')] == [True, False, False, None]
    yes, no = (Statistics(total=1, periodogram=False, deliver=choice, note='n', **NUMBERS) for choice in (True, False))
    assert decided(settings, 'a', no).deliver
    assert decided(settings, 'a', no).note == 'n; delivered: the setting deliver_also names it'
    assert not decided(settings, 'b', yes).deliver
    assert decided(settings, 'c', yes) is yes


def test_a_name_that_no_composite_has_is_reported(tmp_path):
    said = Home(tmp_path / 'home', deliver_also=('hlsp_nothing',)).deliver()
    assert 'deliver_never name hlsp_nothing, which is no composite' in said
