"""What belongs to nobody is put aside; what is somebody's stays."""

import pytest
from archives import accepted, composite, furnish, individual, rejected, touch

from hstlc.model import Target
from hstlc.settings import Settings
from hstlc.steps.made import put_aside
from hstlc.steps.prune import files_without_owner, prune, put_lightcurves_aside
from hstlc.steps.records import TargetTable

KEPT, POOR, BAD = accepted('lb4c10010'), accepted('lb4c10020'), rejected('lb4c30010')


@pytest.fixture
def paths(tmp_path):
    from hstlc.files import records

    paths = furnish(Settings(home=tmp_path), [KEPT, POOR, BAD], [individual(KEPT), individual(POOR, made=False), composite(KEPT)])
    target = Target(name='GJ-436', slug='gj-436', aliases=(), rootnames=('lb4c10010',), ra_deg=None, dec_deg=None, moving=False)
    records.save(paths.targets, TargetTable(targets=(target,)))
    for kind in ('dynspec.fits.gz', 'curve.png'):
        touch(paths.outputs / 'GJ-436' / f'lb4c10010_{kind}')
    touch(paths.site_target('gj-436'))
    touch(paths.site_figure('lb4c10010_curve'))
    touch(paths.site_figure('lb4c10010_curve', '_thumb'))
    return paths


EXPOSURES = {'lb4c10010': 'GJ-436', 'lb4c10020': 'GJ-436'}
CURVES = {individual(KEPT).stem: True, individual(POOR).stem: False, composite(KEPT).stem: True}
OWNERS = (EXPOSURES, CURVES, ('gj-436',))


def test_what_has_an_owner_stays(paths):
    assert files_without_owner(paths, *OWNERS) == []


@pytest.mark.parametrize(
    'stray',
    [
        'outputs/GJ-436/lb4c99010_curve.fits',  # of an exposure that is gone
        'outputs/GJ-436/lb4c30010_curve.fits',  # of one that is rejected now
        'outputs/GJ-436/lb4c10020_curve.fits',  # of one that has no light curve any more
        'outputs/GJ436/lb4c10010_curve.fits',  # under the target's former name
        'outputs/composite/hlsp_hstlc_hst_cos-fuv_gj-436_g160m_1600_psa_v1_sci.fits',
        'plots/lb4c99010_curve_periodogram.png',
        'site/lightcurves/lb4c99010_curve.html',
        'site/figures/lb4c99010_curve_thumb.png',
        'site/targets/gj436.html',
        'records/listings/gj436.json',
    ],
)
def test_what_has_no_owner_is_put_aside(paths, stray):
    file = touch(paths.home / stray, 'precious')
    assert files_without_owner(paths, *OWNERS) == [str(file)]
    prune(paths.settings, *OWNERS)
    assert not file.exists()
    assert (paths.put_aside / stray).read_text() == 'precious'
    assert files_without_owner(paths, *OWNERS) == []


@pytest.mark.parametrize('own', ['outputs/GJ-436/notes.txt', 'outputs/readme.md', 'plots/my figure.png', 'site/targets/index.html'])
def test_files_that_hstlc_does_not_name_are_left_alone(paths, own):
    touch(paths.home / own)
    assert files_without_owner(paths, *OWNERS) == []


def test_nothing_put_aside_is_overwritten(paths):
    for content in ('one', 'two', 'three'):
        put_aside(paths, touch(paths.home / 'plots' / 'x.png', content))
    kept = sorted(path.read_text() for path in (paths.put_aside / 'plots').iterdir())
    assert kept == ['one', 'three', 'two']


def test_a_light_curve_without_exposure_loses_its_records(paths):
    stem = individual(KEPT).stem
    put_lightcurves_aside(paths.settings, [stem])
    assert not paths.outcome(stem).exists()
    assert (paths.put_aside / 'records' / 'lightcurves' / f'{stem}.json').is_file()
