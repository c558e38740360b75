from pathlib import Path

import griffe
import pytest

from hstlc.errors import InputError
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.site.fieldcomments import description
from hstlc.site.links import local, references
from hstlc.site.search import sections
from hstlc.steps import guide
from hstlc.steps.publishing import link_or_copy


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A small content/ with its mkdocs.yml, in place of the project's."""
    own = guide.shared
    (tmp_path / 'content').mkdir()
    (tmp_path / 'content/index.md').write_text(
        '# First\n\nWords.\n\n## A part {#part}\n\nhidden treasure <b>bold</b>\n\n[next](two.md)\n'
    )
    (tmp_path / 'content/two.md').write_text('# Second\n\nOther words.\n')
    (tmp_path / 'mkdocs.yml').write_text(
        own('mkdocs.yml').read_text().partition('nav:')[0].replace('site_templates/guide', str(own('site_templates') / 'guide'))
    )
    monkeypatch.setattr(guide, 'shared', lambda name: tmp_path / name)
    return tmp_path


def test_guide_is_rendered_once_and_pages_of_removed_content_go(checkout):
    settings = Settings(home=checkout / 'home', title='Archive of <things>')
    folder = Paths(settings).site / 'guide'
    guide.make_guide(settings)
    html = (folder / 'index.html').read_text()
    assert 'Archive of &lt;things&gt;' in html
    assert 'href="two.html"' in html
    assert not list(folder.glob('sitemap*'))
    assert 'hidden treasure' in (folder / 'search_data.js').read_text()
    before = {file: file.stat().st_mtime_ns for file in folder.rglob('*')}
    guide.make_guide(settings)
    assert {file: file.stat().st_mtime_ns for file in folder.rglob('*')} == before
    (checkout / 'content/index.md').write_text('# First\n')
    (checkout / 'content/two.md').unlink()
    guide.make_guide(settings)
    assert sorted(file.name for file in folder.iterdir()) == ['index.html', 'search_data.js']


def test_a_bad_configuration_is_named(checkout):
    (checkout / 'mkdocs.yml').write_text('site_name: Guide\nnonsense: [\n')
    with pytest.raises(InputError, match='mkdocs cannot render the guide'):
        guide.make_guide(Settings(home=checkout / 'home'))


def test_sections_hold_what_a_reader_sees():
    html = '<nav>n</nav><main><h1 id="a">One<a class="headerlink">#</a></h1><p>text <b>bold</b></p><h2>Two</h2>x</main>'
    assert sections('p.html', html) == [
        {'href': 'p.html#a', 'title': 'One', 'text': 'text bold'},
        {'href': 'p.html', 'title': 'Two', 'text': 'x'},
    ]


@pytest.mark.parametrize('name', ['model', 'simulate.exposure', 'simulate.source', 'simulate.spectrum'])
def test_every_field_of_the_types_in_the_reference_is_described(name):
    package = griffe.load(f'hstlc.{name}', search_paths=[Path(__file__).parents[2]])
    types = [one for module in (package, *package.modules.values()) for one in module.classes.values() if not one.is_alias]
    assert len(types) > 1
    bare = [field.path for one in types for field in one.attributes.values() if not description(field)]
    assert bare == []


def test_references_are_read_as_a_browser_does():
    found, anchors = references(
        '<a href="../x%20y.html#p&amp;q">a</a><img src="i.png"><h2 id="here"></h2><a href="https://e.org/">e</a>'
    )
    assert [local(reference) for reference in found] == [('../x y.html', 'p&q'), ('i.png', ''), None]
    assert anchors == {'here'}


def test_a_product_is_linked_anew_when_it_was_replaced(tmp_path):
    source, target = tmp_path / 'a', tmp_path / 'site/b'
    source.write_text('one')
    link_or_copy(source, target, link=True)
    assert source.samefile(target)
    (tmp_path / 'new').write_text('two')
    (tmp_path / 'new').replace(source)
    assert target.read_text() == 'one'
    link_or_copy(source, target, link=True)
    assert source.samefile(target)
    link_or_copy(source, target, link=False)
    assert target.read_text() == 'two'


def test_where_the_disk_knows_no_links_a_copy_is_made(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError('no links here')

    monkeypatch.setattr('os.link', refuse)
    (tmp_path / 'a').write_text('one')
    link_or_copy(tmp_path / 'a', tmp_path / 'b', link=True)
    assert (tmp_path / 'b').read_text() == 'one'
    assert sorted(file.name for file in tmp_path.iterdir()) == ['a', 'b']
