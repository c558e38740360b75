"""Statistics of individual light curves, of composites, or of both, as doit is asked."""

import pytest
from test_tasks import FIRST, Archive


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / 'home').put(**FIRST)


def kinds(archive):
    """Return of how many individual light curves and of how many composites there are statistics."""
    names = [path.name for path in (archive.home / 'records/stats').glob('*.json')]
    composites = sum(name.startswith('hlsp_') for name in names)
    return len(names) - composites, composites


def test_doit_stats_takes_a_kind(archive):
    archive.doit('stats', 'kind=composite')
    assert kinds(archive) == (0, 2)
    archive.doit('stats', 'kind=individual')
    assert kinds(archive) == (3, 2)
    before = archive.files('records/stats')
    assert 'nothing to do' in archive.doit('stats')
    assert archive.files('records/stats') == before


def test_the_setting_chooses_too(archive):
    (archive.home / 'hstlc.toml').write_text('stats = "individual"')
    archive.doit('stats')
    assert kinds(archive) == (3, 0)
    (archive.home / 'hstlc.toml').write_text('stats = "both"')
    archive.doit()
    assert kinds(archive) == (3, 2)


def test_an_unknown_kind_is_explained(archive):
    said = archive.doit('stats', 'kind=compsite', code=2)
    assert 'one of individual, composite, both' in said
    assert 'Traceback' not in said
