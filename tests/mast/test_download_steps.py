"""The steps behind `doit download`, `doit references` and `doit names`, in this process."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from archive_server import Fault, association_bytes, fits_bytes
from archives import accepted, furnish, join_targets

from hstlc.errors import ArchiveError, IncompleteError, StateError
from hstlc.files import records
from hstlc.mast import crew, plan, sessions
from hstlc.mast.manifest import Manifest
from hstlc.mast.meter import Meter
from hstlc.mast.names import Identity, NamesCache, plain, read_answer
from hstlc.mast.pace import Pace
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.steps import download as download_step
from hstlc.steps.download import download
from hstlc.steps.names import find_names, propose
from hstlc.steps.references import KEYWORDS, fetch_references, get_references, missing_references
from hstlc.steps.transfer import Request
from hstlc.tasks.download import OPTIONS

ROOT = Path(__file__).parents[2]
TAG = 'oexp01010_tag.fits'


@pytest.fixture
def settings(server, tmp_path, monkeypatch):
    for name in ('lref', 'oref', 'CRDS_PATH'):
        monkeypatch.delenv(name, raising=False)
    for module in ('hstlc.steps.transfer', 'hstlc.steps.references'):
        monkeypatch.setattr(f'{module}.Pace', lambda rate: Pace(1000.0))  # as fast as loopback goes
    home = tmp_path / 'home'
    (home / 'ingest').mkdir(parents=True)
    return Settings(
        home=home, reserve_bytes=0, download_timeout=10.0, download_tries=1, download_pause=0.0, s3_url=f'{server.url}/s3',
        crds_url=server.url, sesame_url=f'{server.url}/sesame',
    )  # fmt: skip


def get(settings, **request):
    stream = io.StringIO()
    return download(settings, Request(**request), stream), stream.getvalue()


def entries(settings):
    return Manifest(Paths(settings).download / 'manifest.jsonl').entries


def test_a_file_that_the_archive_has_no_longer_is_put_aside_and_remembered(server, settings):
    files = {TAG: fits_bytes('a'), 'oexp01010_x1d.fits': fits_bytes('b')}
    server.put('OEXP01010', files, instrume='STIS')
    get(settings)
    del files['oexp01010_x1d.fits']
    server.put('OEXP01010', files, instrume='STIS', generation='2025')
    get(settings)
    assert entries(settings)['OEXP01010', 'oexp01010_x1d.fits'].status.value == 'superseded'
    assert (settings.home / 'put_aside' / 'ingest' / 'oexp01010_x1d.fits').read_bytes() == fits_bytes('b')
    server.forget()
    get(settings)
    assert server.asked == [('GET', 'columns'), ('POST', 'search')]


def test_old_and_new_files_of_an_exposure_do_not_mix(server, settings):
    """The archive makes an exposure anew, and this time without one of its files."""
    first, second = 'lexp01a1q_corrtag_a.fits', 'lexp01a1q_corrtag_b.fits'
    third, other = 'lexp01b1q_corrtag_a.fits', 'lexp01b1q_corrtag_b.fits'  # the other is listed on its own, too, and stays so
    server.put('LEXP01010', {name: fits_bytes(name) for name in (first, second, third, other)})
    server.put('LEXP01B1Q', {other: fits_bytes(other)})
    get(settings)
    folder = settings.home / 'filesystem' / 'GJ436'
    folder.mkdir(parents=True)
    for name in (first, second, third, other):
        (settings.home / 'ingest' / name).rename(folder / name)
    server.put('LEXP01010', {first: fits_bytes('anew'), third: fits_bytes('anew')}, generation='2025')
    server.faults[first] = Fault('status', 1, 500)
    with pytest.raises(IncompleteError):
        get(settings)
    assert sorted(path.name for path in folder.iterdir()) == [first, second, third, other]  # the new one has not come yet
    get(settings)
    aside = settings.home / 'put_aside'
    assert [path.relative_to(aside).as_posix() for path in aside.rglob('*.fits')] == [f'filesystem/GJ436/{second}']
    assert sorted(path.name for path in folder.iterdir()) == [first, third, other]


def test_members_that_show_no_target_are_not_fetched(server, settings):
    """In associations, and where a member is a dataset of its own that only names its association."""
    cos = {
        'lexp01a1q': 'EXP-FP',
        'lexp01w1q': 'EXP-AWAVE',
        'lexp01w2q': 'EXP-GWAVE',
        'lexp01w3q': 'EXP-IWAVE',
        'lexp01010': 'PROD-FP',
    }
    names = [f'{rootname}_{suffix}.fits' for rootname in cos for suffix in ('corrtag_a', 'x1d')]
    bodies = {name: fits_bytes(name) for name in names}
    server.put('LEXP01010', {**bodies, 'lexp01010_asn.fits': association_bytes(**cos)}, sci_asn_id='LEXP01010')
    stis = {'oexp02a1q': 'REPEATOBS', 'oexp02w1q': 'AUTO-WAVECAL', 'oexp02010': 'PRODUCT'}
    own = {f'{rootname}_tag.fits': fits_bytes(rootname) for rootname in stis}
    server.put('OEXP02010', {**own, 'oexp02010_asn.fits': association_bytes(**stis)}, instrume='STIS')
    lamps = {'oexp03w1q': 'GO-WAVECAL', 'oexp03010': 'PRODUCT'}
    server.put(
        'OEXP03010', {'oexp03010_tag.fits': fits_bytes('lamp'), 'oexp03010_asn.fits': association_bytes(**lamps)}, instrume='STIS'
    )
    get(settings)
    kept = ['lexp01a1q_corrtag_a.fits', 'lexp01a1q_x1d.fits', 'oexp02010_tag.fits', 'oexp02a1q_tag.fits']
    assert sorted(path.name for path in (settings.home / 'ingest').iterdir()) == kept
    server.put('LEXP01W1Q', {'lexp01w1q_corrtag_a.fits': fits_bytes('w')}, sci_asn_id='LEXP01010')
    server.put('LEXP09A1Q', {'lexp09a1q_corrtag_a.fits': fits_bytes('single')}, sci_asn_id='NONE')
    get(settings)
    assert sorted(path.name for path in (settings.home / 'ingest').iterdir()) == sorted([*kept, 'lexp09a1q_corrtag_a.fits'])
    server.forget()
    get(settings)
    assert server.asked == [('GET', 'columns'), ('POST', 'search')]


def test_without_the_table_of_an_association_its_files_come(server, settings):
    body = association_bytes(lexp01w1q='EXP-AWAVE')
    server.put('LEXP01010', {'lexp01w1q_x1d.fits': fits_bytes(), 'lexp01010_asn.fits': body})
    server.faults['lexp01010_asn.fits'] = Fault('status', None, 500)
    get(settings)
    assert (settings.home / 'ingest' / 'lexp01w1q_x1d.fits').is_file()


def test_a_list_of_the_tap_service_finds_what_is_new_and_no_recalibration(server, settings):
    server.put('OEXP01010', {TAG: fits_bytes()}, instrume='STIS')
    get(settings)
    server.put('OEXP01010', {TAG: fits_bytes('anew')}, instrume='STIS', generation='2025-01-01T00:00:00')
    server.put('OEXP02010', {'oexp02010_tag.fits': fits_bytes()}, instrume='STIS')
    server.faults['search'] = Fault('status', None, 503)
    with pytest.raises(ArchiveError, match=r'no usable list of datasets .* try again later'):
        get(settings)
    server.tap = True
    server.forget()
    stream = io.StringIO()
    with pytest.raises(IncompleteError, match='recalibrated datasets were not looked for'):
        download(settings, Request(), stream)
    assert 'its TAP service lists the datasets' in stream.getvalue()
    assert server.fetched() == ['oexp02010_tag.fits']
    server.faults.clear()
    server.forget()
    get(settings)
    assert server.fetched() == [TAG]


def test_an_archive_that_forgets_all_files_of_a_dataset_is_not_believed(server, settings):
    server.put('OEXP01010', {TAG: fits_bytes()}, instrume='STIS')
    get(settings)
    server.put('OEXP01010', {}, instrume='STIS', generation='2025')
    assert get(settings)[0].startswith('Nothing new.')
    assert entries(settings)['OEXP01010', TAG].status.value == 'complete'
    server.put('OEXP02010', {}, instrume='STIS')
    with pytest.raises(IncompleteError, match='2 datasets were not answered for'):
        get(settings)
    assert len(entries(settings)) == 1


def test_a_dataset_that_gets_files_later_is_no_longer_empty(server, settings):
    server.put('OEXP01010', {'oexp01010_flt.fits': fits_bytes()}, instrume='STIS')
    get(settings)
    server.put('OEXP01010', {TAG: fits_bytes()}, instrume='STIS', generation='2025')
    get(settings)
    server.forget()
    get(settings)
    assert server.asked == [('GET', 'columns'), ('POST', 'search')]


def test_files_that_were_ingested_or_rejected_are_there(server, settings):
    server.put('OEXP01010', {TAG: fits_bytes('a')}, instrume='STIS')
    server.put('OEXP02010', {'oexp02010_tag.fits': fits_bytes('b')}, instrume='STIS')
    get(settings)
    for name, folder in ((TAG, 'filesystem/GJ436'), ('oexp02010_tag.fits', 'bad_data')):
        (settings.home / folder).mkdir(parents=True)
        (settings.home / 'ingest' / name).rename(settings.home / folder / name)
    server.forget()
    assert get(settings)[0].startswith('Nothing new.')
    assert server.fetched() == []
    (settings.home / 'filesystem' / 'GJ436' / TAG).write_bytes(b'cut')
    get(settings)
    assert server.fetched() == [TAG]


def test_datasets_without_answer_are_left_to_the_next_run(server, settings):
    server.put('OEXP01010', {TAG: fits_bytes()}, instrume='STIS')
    server.faults['products'] = Fault('status', 1, 500)
    with pytest.raises(IncompleteError, match='1 datasets were not answered for'):
        get(settings)
    assert entries(settings) == {}
    get(settings)
    assert (settings.home / 'ingest' / TAG).is_file()


def test_too_many_failures_in_a_row_end_the_run(server, settings, monkeypatch):
    monkeypatch.setattr(crew, 'MOST_IN_A_ROW', 2)
    for k in range(9):
        name = f'oexp{k:02}010_tag.fits'
        server.put(f'OEXP{k:02}010', {name: fits_bytes()}, instrume='STIS')
        server.faults[name] = Fault('status', None, 500)
    with pytest.raises(ArchiveError, match='too many files failed in a row'):
        get(settings)
    assert len(server.fetched()) < 9


def test_given_up_files_do_not_fail_every_night(server, settings):
    server.put('OEXP01010', {TAG: fits_bytes()}, instrume='STIS')
    server.faults[TAG] = Fault('status', None, 404)
    for _ in range(plan.MOST_TRIES):
        with pytest.raises(IncompleteError, match=r'oexp01010_tag.fits \(HTTP 404\)'):
            get(settings)
    server.forget()
    assert get(settings)[0].startswith('Nothing new.')
    assert server.fetched() == []


def test_a_download_that_leaves_too_little_space_is_refused(server, settings, monkeypatch):
    server.put('OEXP01010', {TAG: fits_bytes()}, instrume='STIS')
    free = 10**6
    monkeypatch.setattr(download_step.shutil, 'disk_usage', lambda path: type('Usage', (), {'free': free}))
    with pytest.raises(StateError, match=r'8.6 kB would leave less than the 1.0 MB that must stay free of 1.0 MB'):
        get(replace(settings, reserve_bytes=free))
    assert server.fetched() == []
    get(replace(settings, reserve_bytes=free - len(fits_bytes())))
    assert server.fetched() == [TAG]


def test_a_limit_takes_the_smallest_datasets_and_the_next_run_goes_on(server, settings):
    for k in (3, 1, 2):
        server.put(f'OEXP0{k}010', {f'oexp0{k}010_tag.fits': fits_bytes(events=1000 * k)}, instrume='STIS', sci_pep_id=k)
    _, said = get(settings, limit=2)
    assert '2 files' in said
    assert '1 datasets are left for another run' in said
    assert set(server.fetched()) == {'oexp01010_tag.fits', 'oexp02010_tag.fits'}
    server.forget()
    get(settings, limit=2, programs=(3, 4))
    assert server.fetched() == ['oexp03010_tag.fits']
    with pytest.raises(StateError, match='nothing of that target or programme'):
        get(settings, programs=(99,))


def test_names_of_targets_are_compared_as_names_of_targets(server, settings):
    (settings.home / 'target_aliases.csv').write_text('alias,name\nROSS-905,GJ436\n')
    server.put('OEXP01010', {TAG: fits_bytes()}, instrume='STIS', targname='GJ-436-COPY')
    server.put('OEXP02010', {'oexp02010_tag.fits': fits_bytes()}, instrume='STIS', targname='GJ4366')
    get(settings, targets=('Ross 905',))
    assert server.fetched() == [TAG]


def test_options_are_described():
    text = (ROOT / 'content' / 'download.md').read_text(encoding='utf-8')
    assert {f'--{option["long"]}' for option in OPTIONS} <= {item.split('=')[0] for item in re.findall(r'`(--[a-z-]+)', text)}


def test_the_reference_files_that_are_fetched_are_those_that_are_read():
    texts = [path.read_text(encoding='utf-8') for path in (ROOT / 'hstlc').rglob('*.py')]
    read = {name for text in texts for name in re.findall(r"\.read\(\s*'([A-Z]+)'", text)}
    groups = [group for text in texts for group in re.findall(r'^FLATS = \((.*)\)', text, re.MULTILINE)]
    flats = {name for group in groups for name in re.findall(r"'(\w+)'", group)}
    assert {'FLUXTAB', 'PHOTTAB', 'PFLTFILE'} <= read | flats
    assert read | flats == {name for names in KEYWORDS.values() for name in names}


@pytest.fixture
def named(settings):
    """An event list that names three reference files, one of them already in the home."""
    path = settings.home / 'ingest' / 'lexp01a1q_corrtag_a.fits'
    path.write_bytes(fits_bytes(INSTRUME='COS', FLUXTAB='lref$a_phot.fits', TDSTAB='lref$b_tds.fits', XTRACTAB='lref$c_1dx.fits'))
    return path


def test_reference_files_come_by_the_name_in_the_header(server, settings, named):
    before = named.read_bytes()
    server.references.update({'a_phot.fits': fits_bytes('flux'), 'b_tds.fits': fits_bytes('time')})
    folder = settings.home / 'references' / 'hst' / 'cos'
    assert missing_references(settings, [named]) == {'a_phot.fits': folder / 'a_phot.fits', 'b_tds.fits': folder / 'b_tds.fits'}
    assert get_references(settings, io.StringIO()) == 'Reference files: 2 fetched'
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == server.references
    assert named.read_bytes() == before
    assert get_references(settings, io.StringIO()) == 'Reference files: all there.'
    assert sorted(server.fetched()) == ['a_phot.fits', 'b_tds.fits']


@pytest.mark.parametrize(
    ('variable', 'place'), [('lref', ''), ('CRDS_PATH', 'references/hst/cos'), ('CRDS_PATH', 'references/hst')]
)
def test_reference_files_on_this_machine_are_not_fetched(server, settings, named, monkeypatch, tmp_path, variable, place):
    (tmp_path / 'own' / place).mkdir(parents=True)
    (tmp_path / 'own' / place / 'a_phot.fits').write_bytes(fits_bytes())
    monkeypatch.setenv(variable, str(tmp_path / 'own'))
    assert list(missing_references(settings, [named])) == ['b_tds.fits']


def test_reference_files_that_are_not_to_be_had_are_named(server, settings, named):
    server.references['b_tds.fits'] = b'<html>'
    with pytest.raises(IncompleteError, match=r'2 not to be had: a_phot.fits \(HTTP 404\), b_tds.fits \(not a FITS file'):
        get_references(settings, io.StringIO())
    assert list((settings.home / 'references' / 'hst' / 'cos').iterdir()) == []
    for _ in range(plan.MOST_TRIES - 1):
        assert fetch_references(settings, [named], Meter(io.StringIO()), Pace(1000.0))[0] == 2
    assert fetch_references(settings, [named], Meter(io.StringIO()), Pace(1000.0)) == (
        0, 'Reference files: 0 fetched, 2 not asked for again yet',
    )  # fmt: skip


@pytest.mark.parametrize('value', ['N/A', '', '../../x.fits', 'lref$../x.fits', 'lref$a/b.fits', 'lref$x.txt'])
def test_names_that_are_no_reference_file_are_left_alone(settings, value):
    path = settings.home / 'ingest' / 'lexp01a1q_corrtag.fits'
    path.write_bytes(fits_bytes(INSTRUME='COS', FLUXTAB=value))
    assert missing_references(settings, [path]) == {}


def test_without_the_setting_a_download_fetches_no_reference_file(server, settings):
    server.put('LEXP01010', {'lexp01a1q_corrtag.fits': fits_bytes(INSTRUME='COS', FLUXTAB='lref$a_phot.fits')})
    get(replace(settings, fetch_references=False))
    assert server.fetched() == ['lexp01a1q_corrtag.fits']


RESOLVER = (
    '<Resolver name="S=Simbad (CDS, via client/server)"><otype>Er*</otype><jpos>11:42:11.09 +26:42:23.6</jpos>'
    '<jradeg>175.546222</jradeg><jdedeg>26.706569</jdedeg>'
    '<oname>Ross  905</oname><alias>GJ 436</alias><alias>NAME Noquisi</alias></Resolver>'
)


@pytest.fixture
def targets(settings):
    """Four targets far from one another, of which the service calls two one star."""
    names = {'lone01a1q': 'GJ436', 'lone02a1q': 'ROSS-905', 'lone03a1q': 'NGC1', 'lone04a1q': 'UNHEARD-OF'}
    items = [accepted(rootname, targname=name) for rootname, name in names.items()]
    paths = furnish(settings, [])
    for k, item in enumerate(items):
        exposure = replace(item.exposure, header_targname=names[item.rootname], ra_targ_deg=10.0 + k)
        records.save(paths.record(item.rootname), replace(item, exposure=exposure))
    join_targets(settings)
    return settings


def test_names_are_asked_once_and_become_proposals(server, targets):
    server.names.update(dict.fromkeys(('GJ436', 'ROSS905'), RESOLVER))
    said = find_names(targets)
    assert '2 names are known to the service; 1 proposals' in said
    proposed = (targets.home / 'download' / 'names_proposed.csv').read_text()
    assert proposed.splitlines()[1:] == ['alias,name', 'ROSS905,GJ436']
    assert server.asked == [('NAME', ('GJ436', 'NGC1', 'ROSS905', 'UNHEARD OF'))]
    server.forget()
    server.faults['sesame'] = Fault('status', None, 500)
    assert find_names(targets) == said  # without the network, from the cache
    assert server.asked == []


def test_a_name_service_that_is_down_is_told_and_what_is_known_is_used(server, targets, monkeypatch):
    server.names['GJ436'] = RESOLVER
    impatient = replace(targets, download_timeout=0.5)
    monkeypatch.setattr(sessions, 'LARGEST', 1_000_000)
    for fault in (Fault('status', None, 503), Fault('html', None), Fault('stall', None), Fault('endless')):
        server.faults['sesame'] = fault
        with pytest.raises(ArchiveError, match=r'name service at .* try again later'):
            find_names(impatient)
        assert (targets.home / 'download' / 'names_proposed.csv').read_text().splitlines()[1:] == ['alias,name']


def test_an_answer_of_sesame():
    nothing = '<Target><name>X</name><INFO>*** Nothing found ***</INFO></Target>'
    text = f'<Sesame><Target><name>GJ 436</name>{RESOLVER}</Target>{nothing}</Sesame>'
    known, unknown = read_answer(text, ['GJ436', 'X'], '2026')
    assert known.aliases == ('Ross  905', 'GJ 436', 'NAME Noquisi')
    assert (known.query, known.ra_deg, known.dec_deg) == ('GJ436', 175.546222, 26.706569)
    assert (unknown.aliases, unknown.ra_deg) == ((), None)
    entities = text.replace('<Sesame>', '<!DOCTYPE x [<!ENTITY a "a">]><Sesame>')
    with pytest.raises(ValueError, match='defines entities'):
        read_answer(entities, ['GJ436', 'X'], '2026')
    endless = text.replace('175.546222', 'inf')
    assert read_answer(endless, ['GJ436', 'X'], '2026')[0].ra_deg is None
    for broken in ('<html>', '', text.replace('</Target>', '', 1), '<Sesame/>'):
        with pytest.raises(ValueError, match=r'answer'):
            read_answer(broken, ['GJ436', 'X'], '2026')


def test_names_are_compared_without_the_marks_of_the_service():
    assert [plain(name) for name in ('V* V376 Peg', 'NGC  7635', '* alf Lyr', 'NAME Proxima', 'BD+01  316')] == [
        'V376PEG', 'NGC7635', 'ALFLYR', 'PROXIMA', 'BD+01316',
    ]  # fmt: skip


def test_proposals_keep_the_shortest_name():
    known = {
        name: Identity(query=name, service='s', date='d', aliases=(main,) if main else ())
        for name, main in {'ROSS-905': 'A', 'GJ436': 'A', 'AC+27-28217': 'A', 'NGC1': 'B', 'X': ''}.items()
    }
    names = {name: (name,) for name in known} | {'NEW': ('NEW',)}
    assert propose(names, known) == [('AC+27-28217', 'GJ436'), ('ROSS-905', 'GJ436')]


def test_a_torn_line_of_the_cache_is_passed_over(tmp_path):
    path = tmp_path / 'names_cache.jsonl'
    one, other = (Identity(query=name, service='sesame', date='d', aliases=('a',)) for name in ('X', 'Y'))
    NamesCache(path).add([one, other])
    path.write_bytes(path.read_bytes()[:-10])
    cache = NamesCache(path)
    assert cache.known == {'X': one}
    cache.add([other])
    assert NamesCache(path).known == {'X': one, 'Y': other}
