"""What machines read, and publishing."""

import csv
import dataclasses
import json
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from xml.etree import ElementTree

import pytest
from archive_builders import HOSTILE
from site_making import FULL, listed, listing, make_pages_of_targets

from hstlc.errors import StateError
from hstlc.files import records
from hstlc.model import Outcome
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.site import machine
from hstlc.steps import publish, serve
from hstlc.steps.bundles import write_bundle
from hstlc.steps.index import make_catalogs, make_forms
from hstlc.steps.machine import make_machine_files

ATOM = '{http://www.w3.org/2005/Atom}'
MAP = '{http://www.sitemaps.org/schemas/sitemap/0.9}'


def test_the_feed_names_every_light_curve_and_shows_a_hostile_name_as_text(site):
    root = ElementTree.parse(site / 'feed.xml').getroot()
    entries = root.findall(f'{ATOM}entry')
    assert len(entries) == 12
    assert root.findtext(f'{ATOM}updated') == '2026-11-20T00:00:00Z'
    assert any(HOSTILE in entry.findtext(f'{ATOM}title') for entry in entries)
    for entry in entries:
        assert (site / entry.find(f'{ATOM}link').get('href')).is_file()
        assert entry.findtext(f'{ATOM}id').startswith('urn:hstlc:')
    assert '<script' not in (site / 'feed.xml').read_text(encoding='utf-8')


def test_a_light_curve_that_was_made_anew_comes_first_in_the_feed(built, tmp_path, monkeypatch):
    shutil.copytree(built[0].home, tmp_path / 'home')
    settings = Settings(home=tmp_path / 'home')
    paths = Paths(settings)
    make_machine_files(settings, *listed(settings))
    assert (paths.site / 'feed.xml').read_bytes() == (Paths(built[0]).site / 'feed.xml').read_bytes()
    place = paths.outcome('osa101abq_curve')
    outcome = records.load(place, Outcome)
    records.save(place, dataclasses.replace(outcome, product=dataclasses.replace(outcome.product, sha256='0' * 64)))
    make_pages_of_targets(settings)
    make_machine_files(settings, *listed(settings))
    first = ElementTree.parse(paths.site / 'feed.xml').getroot().find(f'{ATOM}entry')
    assert first.findtext(f'{ATOM}id') == 'urn:hstlc:osa101abq_curve'
    moment = datetime.fromisoformat(first.findtext(f'{ATOM}updated'))
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 600
    before = (paths.site / 'feed.xml').read_bytes()
    monkeypatch.setattr('hstlc.steps.machine._now', lambda: '2099-01-01T00:00:00Z')
    make_machine_files(settings, *listed(settings))
    assert (paths.site / 'feed.xml').read_bytes() == before


def test_a_sitemap_is_there_only_where_the_address_is_known(built, tmp_path):
    site = Paths(built[0]).site
    assert not (site / 'sitemap.xml').exists()
    assert not (site / 'robots.txt').exists()
    shutil.copytree(built[0].home, tmp_path / 'home')
    here, there = Settings(home=tmp_path / 'home'), Settings(home=tmp_path / 'home', site_url='https://example.org/hst/')
    make_machine_files(there, *listed(there))
    places = [one.text for one in ElementTree.parse(tmp_path / 'home/site/sitemap.xml').iter(f'{MAP}loc')]
    assert 'https://example.org/hst/targets/gj-436.html' in places
    for place in places:
        assert (site / place.removeprefix('https://example.org/hst/')).is_file()
    assert 'Sitemap: https://example.org/hst/sitemap.xml' in (tmp_path / 'home/site/robots.txt').read_text()
    feed = ElementTree.parse(tmp_path / 'home/site/feed.xml').getroot()
    assert feed.findtext(f'{ATOM}id') == 'https://example.org/hst/'
    make_catalogs(there, *listed(there))
    make_forms(there, *listed(there))
    catalog = json.loads((tmp_path / 'home/site/catalog.json').read_text(encoding='utf-8'))['obscore']
    place = catalog['columns'].index('access_url')
    with (tmp_path / 'home/site/catalog.csv').open(newline='') as file:
        addresses = [row['access_url'] for row in csv.DictReader(file)]
    assert [row[place] for row in catalog['rows']] == addresses
    for address in addresses:
        assert (site / address.removeprefix('https://example.org/hst/')).is_file()
    assert all(address.startswith('https://example.org/hst/products/') for address in addresses)
    make_machine_files(here, *listed(here))
    assert not (tmp_path / 'home/site/sitemap.xml').exists()


def test_a_long_sitemap_is_cut(monkeypatch):
    monkeypatch.setattr(machine, 'MOST_ADDRESSES', 2)
    files = machine.sitemaps(['a.html', 'b c.html', 'd.html'], 'https://e.org')
    assert list(files) == ['sitemap.xml', 'sitemap-1.xml', 'sitemap-2.xml']
    assert 'https://e.org/b%20c.html' in files['sitemap-1.xml']
    assert 'https://e.org/sitemap-2.xml' in files['sitemap.xml']


def test_the_manifest_states_size_and_checksum_of_what_is_there(site):
    manifest = json.loads((site / 'manifest.json').read_text(encoding='utf-8'))
    paths = [file['path'] for file in manifest['files']]
    assert len(paths) == len(set(paths)) > 30
    for file in manifest['files']:
        content = (site / file['path']).read_bytes()
        assert (len(content), sha256(content).hexdigest()) == (file['bytes'], file['sha256']), file['path']


def test_a_target_for_machines_says_what_its_page_says(site):
    about = json.loads((site / 'targets/gj-436.json').read_text(encoding='utf-8'))
    assert (about['version'], about['name'], about['aliases']) == (1, FULL, ['GJ436'])
    assert [one['rootname'] for one in about['rejected']] == ['lbad01abq']
    assert len(about['lightcurves']) == 5
    for curve in about['lightcurves']:
        assert (site / curve['page']).is_file()
        assert {file['path'].rpartition('.')[2] for file in curve['files']} == {'fits', 'png', 'csv', 'ecsv'}
    with zipfile.ZipFile(site / about['archive']['path']) as bundle:
        assert bundle.testzip() is None
        names = sorted(name.rpartition('/')[2] for name in bundle.namelist())
        assert names == sorted(
            file['path'].rpartition('/')[2]
            for curve in about['lightcurves']
            for file in curve['files']
            if file['path'].endswith('.fits')
        )
        assert all(item.compress_type == zipfile.ZIP_STORED for item in bundle.infolist())


def test_a_bundle_has_the_same_bytes_whatever_the_times_of_its_files(tmp_path):
    (tmp_path / 'a.fits').write_bytes(b'a' * 100)
    write_bundle(tmp_path / 'one.zip', 'x', [tmp_path / 'a.fits'])
    (tmp_path / 'a.fits').touch()
    write_bundle(tmp_path / 'two.zip', 'x', [tmp_path / 'a.fits'])
    assert (tmp_path / 'one.zip').read_bytes() == (tmp_path / 'two.zip').read_bytes()
    write_bundle(tmp_path / 'one.zip', 'x', [])
    assert not (tmp_path / 'one.zip').exists()


def test_citations_quote_what_settings_say(built):
    found = listing(Settings(home=built[0].home, title='A & "B" {C}', doi='10.17909/x'))
    assert '\\&' in machine.bibtex(found, '2026', '')
    assert 'doi = {10.17909/x}' in machine.bibtex(found, '2026', '')
    assert 'title: "A & \\"B\\" {C}"' in machine.citation(found, '2026-11-20', '')


# --- publishing


def published(built, tmp_path, **changes):
    """Return settings of a copy of the site, which may be harmed."""
    shutil.copytree(Paths(built[0]).site, tmp_path / 'home/site', ignore=shutil.ignore_patterns('guide'))
    (tmp_path / 'home/site/guide').mkdir()
    (tmp_path / 'home/site/guide/index.html').write_text('the guide has tests of its own')
    return Settings(home=tmp_path / 'home', **changes)


@pytest.mark.skipif(shutil.which('rsync') is None, reason='rsync is not installed')
def test_rsync_makes_the_other_side_the_same(built, tmp_path):
    settings = published(built, tmp_path, publish=str(tmp_path / 'there'))
    (tmp_path / 'there').mkdir()
    (tmp_path / 'there/old.html').write_text('old')
    assert 'there' in publish.publish_site(settings)
    site = Paths(settings).site
    names = {file.relative_to(site) for file in site.rglob('*') if file.is_file()}
    assert {file.relative_to(tmp_path / 'there') for file in (tmp_path / 'there').rglob('*') if file.is_file()} == names
    assert (tmp_path / 'there/index.html').read_bytes() == (site / 'index.html').read_bytes()


@pytest.mark.skipif(shutil.which('git') is None, reason='git is not installed')
def test_a_branch_holds_the_site_alone(built, tmp_path):
    bare = tmp_path / 'bare.git'
    subprocess.run(['git', 'init', '--quiet', '--bare', str(bare)], check=True)
    settings = published(built, tmp_path, publish=f'git:{bare}#pages')
    for _ in range(2):
        publish.publish_site(settings)
    listed = subprocess.run(
        ['git', '--git-dir', str(bare), 'ls-tree', '-r', '--name-only', 'pages'], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert {'index.html', 'feed.xml', '.nojekyll', 'targets/gj-436.html'} <= set(listed)
    log = subprocess.run(
        ['git', '--git-dir', str(bare), 'log', '--format=%an', 'pages'], check=True, capture_output=True, text=True
    )
    assert log.stdout.splitlines() == ['hstlc']


def test_a_site_with_dead_links_is_not_published(built, tmp_path):
    settings = published(built, tmp_path, publish=str(tmp_path / 'there'))
    (tmp_path / 'home/site/summaries.html').unlink()
    with pytest.raises(StateError, match='lead nowhere'):
        publish.publish_site(settings)
    assert not (tmp_path / 'there').exists()


def test_publishing_nowhere_says_what_to_set(built, tmp_path):
    with pytest.raises(StateError, match='where to: publish = '):
        publish.publish_site(Settings(home=built[0].home))
    with pytest.raises(StateError, match='no site'):
        publish.publish_site(Settings(home=tmp_path, publish='x'))


def test_a_refusal_of_the_other_side_is_one_sentence(built, tmp_path):
    settings = published(built, tmp_path, publish=f'git:{tmp_path / "nothing.git"}')
    with pytest.raises(StateError, match='ghp-import could not publish the site'):
        publish.publish_site(settings)


def test_the_preview_makes_pages_anew_when_their_sources_change(built, monkeypatch):
    made = []
    monkeypatch.setattr(serve, 'make_guide', lambda settings: made.append('guide'))
    monkeypatch.setattr(serve, 'make_assets', lambda settings: made.append('assets'))
    for name in ('make_lists', 'make_tables'):
        monkeypatch.setattr(serve, name, lambda settings, slugs, strays: made.extend(slugs))
    monkeypatch.setattr(serve, 'make_target_pages', lambda settings, target, stems, rejected: made.extend(stems))
    for pattern, remake in serve.sources(built[0]):
        made.append(pattern.rpartition('/')[2])
        remake()
    assert made[:6] == ['*.md', 'guide', '*.md', 'guide', '*.html', 'guide']
    assert {'gj-436', 'assets', 'lgj001abq_curve'} <= set(made[6:])
