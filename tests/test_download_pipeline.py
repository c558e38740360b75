"""`doit download` as a person runs it, against an archive on loopback: from the first run to a killed one, and on to the site."""

import json
import os
import signal
import subprocess
import time
from io import BytesIO

import pytest
from archive_server import Fault, association_bytes, fits_bytes, serving
from astropy.io import fits
from downloading import SECRET, command, doit, environ, furnish

from hstlc.mast.manifest import Manifest
from hstlc.simulate.archive import write_archive

STIS = {'instrume': 'STIS'}


@pytest.fixture
def server():
    with serving() as server:
        yield server


def files_in(home, folder='ingest'):
    return {path.name: path.read_bytes() for path in (home / folder).iterdir()}


def wanted(server):
    """Return what must lie in ingest/ when all is well."""
    other = ('_asn.fits', '_flt.fits', 'w1q_x1d.fits', 'lexp01010_x1d.fits')
    return {name: body for name, body in server.bodies.items() if not name.endswith(other)}


def fill(server):
    """Four datasets: associations with a wavelength calibration and a sum, one with nothing for light curves."""
    members = {'lexp01a1q': 'EXP-FP', 'lexp01w1q': 'EXP-AWAVE', 'lexp01010': 'PROD-FP'}
    association = {f'lexp01a1q_{name}.fits': fits_bytes(name) for name in ('corrtag_a', 'corrtag_b', 'x1d', 'flt')}
    others = {'lexp01w1q_x1d.fits': fits_bytes('lamp'), 'lexp01010_x1d.fits': fits_bytes('sum')}
    server.put('LEXP01010', {**association, **others, 'lexp01010_asn.fits': association_bytes(**members)})
    server.put('LEXP02010', {'lexp02a1q_corrtag.fits': fits_bytes('nuv', events=5000)}, targname='GJ-436', sci_pep_id=11111)
    members = {'oexp03a1q': 'SCIENCE', 'oexp03w1q': 'AUTO-WAVECAL', 'oexp03010': 'PRODUCT'}
    files = {f'oexp03010_{name}.fits': fits_bytes(name) for name in ('tag', 'x1d')}
    others = {'oexp03w1q_x1d.fits': fits_bytes('lamp'), 'oexp03010_asn.fits': association_bytes(**members)}
    server.put('OEXP03010', {**files, **others}, **STIS)
    server.put('OEXP04010', {'oexp04010_flt.fits': fits_bytes('flt')}, **STIS)
    server.put('OEXP05010', {'oexp05010_tag.fits': fits_bytes('w')}, targname='WAVE', **STIS)
    server.put('OEXP06010', {'oexp06010_tag.fits': fits_bytes('p')}, sci_status='PROPRIETARY', **STIS)
    for name in ('oexp05010_tag.fits', 'oexp06010_tag.fits'):
        del server.bodies[name]
    return server


def test_a_home_is_filled_and_kept_up_to_date(server, tmp_path):
    home = tmp_path / 'home'
    furnish(home, fill(server))

    said = doit(home, 'download', '--dry-run')
    assert 'lists 4 datasets, 4 to look at; to fetch: at most 9 files, ' in said
    assert server.fetched() == []
    assert 'must stay free' not in said
    assert '1 would be more' not in said
    assert 'more than the 1.0 kB that are allowed' in doit(home, 'download', '--max-bytes', '1000', code=1)
    assert {name for name in server.fetched() if not name.endswith('_asn.fits')} == set()

    said = doit(home, 'download', '--target', 'gj 436')
    assert 'to fetch: 1 files' in said
    assert set(files_in(home)) == {'lexp02a1q_corrtag.fits'}
    server.forget()

    said = doit(home, 'download')
    assert '5 files fetched' in said
    assert files_in(home) == wanted(server)
    assert 'lexp02a1q_corrtag.fits' not in server.fetched()
    entries = Manifest(home / 'download' / 'manifest.jsonl').entries
    assert {name for _, name in entries} == {*wanted(server), ''}
    head, *datasets = [json.loads(line) for line in (home / 'download' / 'list.jsonl').read_text().splitlines()]
    assert head['datasets'] == len(datasets) == 4

    server.forget()
    assert 'Nothing new' in doit(home, 'download')
    assert server.asked == [('GET', 'columns'), ('POST', 'search')]

    # all that may happen between two nights: recalibrated with an equal size, withdrawn, deleted, a torn line, a new dataset
    recalibrated = fits_bytes('TAG')
    assert len(recalibrated) == len(server.bodies['oexp03010_tag.fits'])
    again = {'oexp03010_tag.fits': recalibrated, 'oexp03010_x1d.fits': server.bodies['oexp03010_x1d.fits']}
    server.put('OEXP03010', again, generation='2025-05-05T00:00:00', **STIS)
    withdrawn = server.bodies.pop('lexp02a1q_corrtag.fits')
    del server.rows['LEXP02010']
    server.put('OEXP07010', {'oexp07010_tag.fits': fits_bytes('new')}, **STIS)
    (home / 'ingest' / 'lexp01a1q_corrtag_b.fits').unlink()
    manifest = home / 'download' / 'manifest.jsonl'
    lines = manifest.read_bytes().splitlines(keepends=True)
    torn = lines.pop(next(k for k, line in enumerate(lines) if b'lexp01a1q_x1d' in line))
    manifest.write_bytes(b''.join(lines) + torn[: len(torn) // 2])
    server.forget()

    said = doit(home, 'download')
    assert 'No longer in the archive: LEXP02010 (1). Their files stay' in said
    changed = {'oexp03010_tag.fits', 'oexp03010_x1d.fits', 'oexp07010_tag.fits', 'lexp01a1q_corrtag_b.fits', 'lexp01a1q_x1d.fits'}
    assert {name for name in server.fetched() if not name.endswith('_asn.fits')} == changed
    assert files_in(home) == {**wanted(server), 'lexp02a1q_corrtag.fits': withdrawn}
    assert {entry.status.value for entry in Manifest(manifest).entries.values()} == {'complete', 'nothing'}

    listed = (home / 'download' / 'list.jsonl').read_bytes()
    removed = {name: server.rows.pop(name) for name in ('OEXP03010', 'OEXP07010')}
    assert 'looks like a fault of the archive' in doit(home, 'download', code=4)
    assert (home / 'download' / 'list.jsonl').read_bytes() == listed
    assert '(3)' in doit(home, 'download', '--accept-shrink')
    server.rows.update(removed)
    assert not any(SECRET.encode() in path.read_bytes() for path in home.rglob('*') if path.is_file())
    assert not any(SECRET in text or 'Range:' in text for text in server.headers)


FAULTS = {
    'short': Fault('short'), 'no_length': Fault('no_length'), 'stall': Fault('stall'), 'html': Fault('html'),
    '401': Fault('status', status=401), '404': Fault('status', status=404), '429': Fault('status', status=429, Retry_After='0'),
    '500': Fault('status', status=500), '503': Fault('status', status=503),
}  # fmt: skip


def test_faults_harm_no_file_and_are_made_good_by_the_next_run(server, tmp_path):
    home = tmp_path / 'home'
    furnish(home, server, timeout=1.5)
    for k, (name, fault) in enumerate(FAULTS.items()):
        file = f'oexp{k:02}010_tag.fits'
        server.put(f'OEXP{k:02}010', {file: fits_bytes(name)}, **STIS)
        server.faults[file] = fault
    server.put('OEXP99010', {'oexp99010_tag.fits': fits_bytes('good')}, **STIS)

    said = doit(home, 'download', code=5)
    assert '1 files fetched' in said
    assert f'{len(FAULTS)} of {len(FAULTS) + 1} files could not be had: oexp00010_tag.fits (' in said
    assert files_in(home) == {'oexp99010_tag.fits': server.bodies['oexp99010_tag.fits']}
    (log,) = (home / 'logs').glob('download*')
    assert all(f'oexp{k:02}010_tag.fits' in log.read_text() for k in range(len(FAULTS)))
    entries = Manifest(home / 'download' / 'manifest.jsonl').entries
    assert [entries[f'OEXP{k:02}010', f'oexp{k:02}010_tag.fits'].status.value for k in range(len(FAULTS))] == (
        ['error'] * 4 + ['denied', 'missing'] + ['error'] * 3
    )

    server.faults.clear()
    server.forget()
    assert f'{len(FAULTS)} files fetched' in doit(home, 'download')
    assert files_in(home) == server.bodies
    assert 'oexp99010_tag.fits' not in server.fetched()


def test_an_archive_that_is_down_changes_nothing(server, tmp_path):
    home = tmp_path / 'home'
    furnish(home, server)
    server.put('OEXP01010', {'oexp01010_tag.fits': fits_bytes()}, **STIS)
    server.faults['search'] = Fault('status', None, 503)
    assert 'gives no usable list of datasets' in doit(home, 'download', code=4)
    assert list((home / 'download').iterdir()) == []


@pytest.mark.parametrize(('number', 'parts'), [(signal.SIGKILL, 1), (signal.SIGTERM, 0)])
def test_a_run_that_is_ended_leaves_no_broken_file_and_the_next_goes_on(server, tmp_path, number, parts):
    home = tmp_path / 'home'
    furnish(home, server, timeout=20.0)
    for k in range(3):
        server.put(f'OEXP{k:02}010', {f'oexp{k:02}010_tag.fits': fits_bytes(str(k), events=30_000)}, **STIS)
    server.faults['oexp02010_tag.fits'] = Fault('stall')
    run = subprocess.Popen(
        command('download'), env=environ(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        until = time.monotonic() + 30
        while not (_parts(home) and len(list((home / 'ingest').glob('oexp*'))) == 2):
            assert time.monotonic() < until
            time.sleep(0.02)
    finally:
        os.kill(run.pid, number)
        run.wait(15)  # less than the patience with a server that stalls
    assert len(_parts(home)) == parts
    whole = {name: body for name, body in server.bodies.items() if 'exp02' not in name}
    assert {name: body for name, body in files_in(home).items() if not name.startswith('.')} == whole
    if number == signal.SIGTERM:
        assert run.returncode == 143
        return

    server.faults.clear()
    server.forget()
    assert '1 files fetched' in doit(home, 'download')
    assert files_in(home) == server.bodies
    assert server.fetched() == ['oexp02010_tag.fits']


def _parts(home):
    return [path for path in (home / 'ingest').glob('.*.part') if path.stat().st_size] if (home / 'ingest').is_dir() else []


def test_download_leads_to_a_site(server, tmp_path):
    """Simulated exposures, from the bucket; their reference files too, as far as there are any."""
    write_archive(tmp_path / 'remote', size='tiny')
    for path in sorted((tmp_path / 'remote' / 'ingest').iterdir()):
        rootname = path.name.partition('_')[0]
        if rootname not in ('lsim03b1q', 'osim01010', 'lsim90a6q'):
            continue
        others = {row['filename']: server.bodies[row['filename']] for row in server.products.get(rootname.upper(), ())}
        instrume = 'STIS' if rootname.startswith('o') else 'COS'
        server.put(rootname.upper(), {**others, path.name: path.read_bytes()}, instrume=instrume)
    server.faults['s3:lsim03b1q_x1d.fits'] = Fault('status', None, 403)
    server.references['mbj1658bo_pfl.fits'] = fits_bytes('flat field')
    home = tmp_path / 'home'
    furnish(home, server, "source = 's3'\nnum_cores = 2\ndownload_workers = 8")

    said = doit(home, 'download', code=5)  # the archive does not have the other reference files
    assert f'{len(server.bodies)} files fetched' in said
    assert 'Reference files: 1 fetched, ' in said
    assert files_in(home) == server.bodies
    assert files_in(home, 'references/hst/stis') == {'mbj1658bo_pfl.fits': server.references['mbj1658bo_pfl.fits']}
    sources = [entry.source for entry in Manifest(home / 'download' / 'manifest.jsonl').entries.values()]
    assert (sources.count('mast'), sources.count('s3')) == (1, len(server.bodies) - 1)

    assert 'Exposures: 2 accepted, 1 rejected (Short Exposure 1)' in doit(home)
    assert (home / 'site' / 'index.html').is_file()
    assert len(list((home / 'site' / 'lightcurves').glob('*.html'))) >= 2

    files = {row['filename']: server.bodies[row['filename']] for row in server.products['LSIM03B1Q']}
    (events,) = (name for name in files if 'corrtag' in name)
    files[events] = recalibrated(files[events])
    server.put('LSIM03B1Q', files, instrume='COS', generation='2025-05-05T00:00:00')
    server.forget()
    doit(home, 'download', code=5)
    assert {name.removeprefix('s3:') for name in server.fetched()} & server.bodies.keys() == files.keys()
    assert sorted(files_in(home)) == sorted(files)
    assert 'lightcurve  1 light curve\n' in doit(home, 'lightcurve')
    assert json.loads((home / 'records' / 'lsim03b1q.json').read_text())['exposure']['cal_ver'] == '9.9.9'
    assert [path.name for path in (home / 'put_aside').iterdir()] == [events]


def recalibrated(body):
    """Return an event list as another version of the calibration would make it."""
    with fits.open(BytesIO(body)) as hdus:
        hdus[0].header['CAL_VER'] = '9.9.9'
        stream = BytesIO()
        hdus.writeto(stream)
    return stream.getvalue()
