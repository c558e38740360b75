"""Whatever was removed, edited, cut short or damaged by hand is as it was after the next run, which says so."""

import os
import subprocess

import pytest
from archives import accepted, composite, furnish, individual
from test_tasks import FIRST, GJ436, Archive

from hstlc.files import records
from hstlc.files.output import sha256
from hstlc.model import Outcome, Product
from hstlc.settings import Settings
from hstlc.steps.catalog import write_catalog
from hstlc.steps.made import put_edited_aside, tell_edited
from hstlc.tasks.made import state

CURVE = 'outputs/GJ436/aaaa01010_curve.fits'


@pytest.fixture(scope='module')
def done(tmp_path_factory):
    archive = Archive(tmp_path_factory.mktemp('repair') / 'home').put(**FIRST)
    archive.doit()
    return archive


def edit(path, *, size=0):
    """Change a byte in the middle of a file, which keeps its size, or cut it."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content[:size] if size else content)


def test_what_was_edited_is_made_again(done):
    before = done.products()
    for name in (CURVE, f'outputs/composite/{GJ436}.fits', 'outputs/GJ436/aaaa02010_dynspec.fits.gz', 'site/targets/gj436.html',
                 'site/guide/index.html', 'site/browse.html', 'plots/opt_elem.html', 'records/targets.json'):  # fmt: skip
        edit(done.home / name)
    edit(done.home / 'hstlc.json', size=100)
    said = done.doit()
    assert done.products() == before
    assert f'{done.home / "hstlc.json"} was damaged: it is made again from the records' in said
    (done.home / 'hstlc.json').unlink()
    os.utime(done.home / CURVE, ns=(2**62, 2**62))  # touched by a clock far in the future
    assert f'{done.home / "hstlc.json"} was gone: it is made again from the records' in done.doit()
    assert done.products() == before
    assert 'nothing to do' in done.doit()


def test_files_of_one_time_and_size_that_differ_are_seen_by_their_records(done):
    before, source = done.products(), done.home / 'filesystem' / 'GJ436' / 'aaaa01010_corrtag.fits'
    time_ns = source.stat().st_mtime_ns
    done.put(aaaa01010={'targname': 'GJ437'})  # as long as the one before
    new = done.home / 'ingest' / 'aaaa01010_corrtag.fits'
    os.utime(new, ns=(time_ns, time_ns))
    done.doit()
    assert done.products() != before
    done.put(aaaa01010={'targname': 'GJ436'})
    os.utime(new, ns=(time_ns, time_ns))
    done.doit()
    assert {name: one for name, one in done.products().items() if 'GJ437' not in name} == before


@pytest.mark.parametrize('damage', ['gone', 'garbage', 'cut', 'page'])
def test_without_the_state_of_doit_all_is_checked_and_stays_as_it_is(done, damage):
    state_file, before = done.home / '.doit.db', done.files('outputs', 'plots', 'site', 'records', 'filesystem')
    content = bytearray(state_file.read_bytes())
    content[4096 + 8 : -4096] = os.urandom(len(content) - 4096 - 8 - 4096)
    damaged = {'garbage': b'no database', 'cut': bytes(content[: len(content) // 2]), 'page': bytes(content)}
    state_file.unlink()
    if damage != 'gone':
        state_file.write_bytes(damaged[damage])
    said = done.doit()
    assert 'Traceback' not in said
    assert ('.doit.db was damaged and is ' in said) == (damage != 'gone')
    assert done.files('outputs', 'plots', 'site', 'records', 'filesystem') == before
    if damage == 'page':  # found in the run, so the next one checks again what this one could not remember
        done.doit()
    assert 'nothing to do' in done.doit()


def test_a_light_curve_that_was_edited_is_kept_aside(tmp_path):
    paths = furnish(Settings(home=tmp_path), [accepted('lb4c10010')])
    outcome = individual(accepted('lb4c10010'))
    file = paths.absolute(outcome.product.path)
    file.parent.mkdir(parents=True)
    file.write_text('as made')
    product = Product(path=outcome.product.path, bytes=7, sha256=sha256(file))
    records.save(paths.outcome(outcome.stem), Outcome(**{**vars(outcome), 'product': product}))
    assert put_edited_aside(paths, outcome.stem) == {}
    file.write_text('as edited')
    aside = put_edited_aside(paths, outcome.stem)
    file.write_text('as made')
    assert f'{file} was changed by hand' in tell_edited(aside)
    assert aside[file].read_text() == 'as edited'
    file.write_text('made by a run that died before it wrote the record')
    aside = put_edited_aside(paths, outcome.stem)
    file.write_text('made by a run that died before it wrote the record')
    assert tell_edited(aside) is None
    assert not aside[file].exists()


def test_a_first_catalog_is_no_repair(tmp_path):
    paths = furnish(Settings(home=tmp_path), [accepted('lb4c10010')], [composite(accepted('lb4c10010'))])
    assert write_catalog(paths.settings) is None
    assert write_catalog(paths.settings) is None


def test_the_state_of_files_is_their_times_and_sizes(tmp_path):
    names = [str(tmp_path / name) for name in ('a', 'b')]
    (tmp_path / 'a').write_text('1')
    states = [state(names)]
    (tmp_path / 'b').touch()
    states.append(state(names))
    time_ns = (tmp_path / 'a').stat().st_mtime_ns
    os.utime(tmp_path / 'a', ns=(time_ns, time_ns - 1))  # a clock that jumped back
    states.append(state(names))
    (tmp_path / 'a').write_text('12')
    os.utime(tmp_path / 'a', ns=(time_ns, time_ns - 1))
    states.append(state(names))
    assert len(set(states)) == 4
    assert state(names) == states[-1]


def test_looking_at_tasks_repairs_nothing(done):
    edit(done.home / CURVE)
    before = done.files()
    assert 'or the files that it made' in done.doit('info', 'lightcurve:aaaa01010', code=1)
    assert done.changed(before) == set()
    done.doit()


def test_a_reader_who_leaves_is_no_error(done):
    for words in ('list --all', ''):
        command = ' '.join([*done.command, words])
        ended = subprocess.run(
            ['bash', '-o', 'pipefail', '-c', f'{command} | head -c 1'],
            env=done.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.stderr == ''
        assert ended.returncode in (0, 141)
    assert 'nothing to do' in done.doit()
