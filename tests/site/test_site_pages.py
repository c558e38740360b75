import json
import os
import re
import shutil
from html.parser import HTMLParser

import pytest
from archive_builders import archive, exposure, record
from site_making import listing, make_index, make_pages, make_pages_of_targets, make_site, write_records
from site_visits import read_page

from hstlc.errors import StateError
from hstlc.files import records
from hstlc.paths import Paths
from hstlc.settings import Settings
from hstlc.site import links
from hstlc.site.links import local, references
from hstlc.site.listing import LISTING_VERSION
from hstlc.site.render import render
from hstlc.site.targets import target_context
from hstlc.steps.check import check_site
from hstlc.steps.pages import load_archive, make_target_pages
from hstlc.steps.plots import make_plots, plot_targets
from hstlc.steps.summaries import summary_names


def pages(*folders):
    return sorted(page for folder in folders for page in folder.rglob('*.html'))


def test_no_page_holds_script_that_a_header_could_have_written(built, site):
    paths = Paths(built[0])
    found = pages(site, paths.outputs, paths.plots)
    assert len(found) > 30
    named = 0
    for page in found:
        html = read_page(page)
        assert '<script>alert' not in html
        named += '&lt;script&gt;alert(1)&lt;/script&gt;' in html
        assert "default-src 'none'" in html.replace('&#39;', "'"), page
    assert named >= 6


def test_every_link_resolves(built):
    check_site(built[0])


def test_missing_figures_and_dead_links_are_listed(built, tmp_path):
    home = tmp_path / 'home'
    shutil.copytree(Paths(built[0]).site, home / 'site')
    (home / 'site/figures/lgj101abq_curve.png').unlink()
    with pytest.raises(StateError, match=r'lightcurves/lgj101abq_curve\.html: \.\./figures/lgj101abq_curve\.png'):
        check_site(Settings(home=home))


def test_tags_that_matter_are_found_as_by_a_parser_of_the_whole_page(site):
    class Whole(links._Collector):
        set_cdata_mode = HTMLParser.set_cdata_mode

    for page in site.rglob('*.html'):
        whole = Whole()
        whole.feed(html := page.read_text(encoding='utf-8'))
        assert references(html) == (whole.found, whole.anchors), page
    assert references('<p title="a>b" id=\'c\'>x<A HREF=d>y</a><img alt="it\'s > e" src="f">') == (['d', 'f'], {'c'})


def test_outputs_and_plots_refer_to_what_is_there(built):
    paths = Paths(built[0])
    assert {page.stem for page in paths.plots.glob('*.html')} == set(summary_names())
    for page in pages(paths.outputs, paths.plots):
        found, _ = references(page.read_text(encoding='utf-8'))
        assert found
        for reference in found:
            path, _ = local(reference)
            assert (page.parent / path).is_file(), (page, reference)


def contexts(settings):
    """Return what the pages of each target are made from, by its slug."""
    found = load_archive(settings)
    return {one.slug: target_context(found, one) for one in found.targets}


def test_declared_files_are_written(built):
    settings, curves = built
    paths = Paths(settings)
    for made in curves:
        assert all(file.is_file() for file in plot_targets(paths, made.outcome))


def test_products_on_the_site_are_the_products(built):
    paths = Paths(built[0])
    for made in built[1]:
        assert os.path.samefile(paths.absolute(made.outcome.product.path), paths.site_product(made.outcome.stem))


def test_with_a_group_the_site_has_copies_that_may_have_their_own_mode(tmp_path):
    settings = Settings(home=tmp_path, group='staff')
    curves = write_records(settings)
    make_plots(settings, curves[0].outcome.stem)
    paths = Paths(settings)
    one, other = paths.absolute(curves[0].outcome.product.path), paths.site_product(curves[0].outcome.stem)
    assert not os.path.samefile(one, other)
    assert one.read_bytes() == other.read_bytes()


def test_a_second_run_writes_nothing(built):
    settings = built[0]
    before = {file: file.stat().st_mtime_ns for file in settings.home.rglob('*') if file.is_file()}
    make_site(settings)
    after = {file: file.stat().st_mtime_ns for file in settings.home.rglob('*') if file.is_file()}
    assert after == before


def test_one_more_exposure_changes_the_context_of_its_own_target_only(tmp_path):
    settings = Settings(home=tmp_path)
    write_records(settings)
    before = contexts(settings)
    more = exposure('lbad02abq', 'GJ-436', exptime=0.1)
    records.save(Paths(settings).record('lbad02abq'), record(more, 'Short Exposure'))
    after = contexts(settings)
    assert [slug for slug in before if before[slug] != after[slug]] == ['gj-436']


def test_an_exposure_without_light_curve_has_a_page_that_says_why(site):
    html = (site / 'lightcurves/osb101abq_curve.html').read_text(encoding='utf-8')
    assert 'An echelle exposure without its x1d file' in html
    assert 'the span of the events was taken as the exposure' in html
    assert 'figures/osb101abq' not in html


def test_target_page_names_rejected_exposures_and_joins(site):
    html = (site / 'targets/gj-436.html').read_text(encoding='utf-8')
    for expected in ('lbad01abq', 'Short Exposure', 'No events', 'same name by rule', '11ʰ42ᵐ11.04ˢ', 'simbad', 'ESASky', 'GJ436'):
        assert expected in html


def test_downloads_state_size_and_checksum(built, site):
    made = built[1][0]
    html = (site / f'lightcurves/{made.outcome.stem}.html').read_text(encoding='utf-8')
    outcome = records.load(Paths(built[0]).outcome(made.outcome.stem), type(made.outcome))
    assert outcome.product.sha256 in html
    assert f'products/{made.outcome.stem}.fits' in html


def test_an_empty_archive_has_a_site(tmp_path):
    settings = Settings(home=tmp_path)
    make_site(settings)
    assert 'There are no light curves yet' in (tmp_path / 'site/index.html').read_text(encoding='utf-8')


def test_tables_are_cut_into_pages_and_shrink_again(tmp_path, monkeypatch):
    monkeypatch.setattr('hstlc.site.index.PAGE', 2)
    settings = Settings(home=tmp_path)
    write_records(settings)
    make_pages(settings)
    tables = tmp_path / 'site/tables'
    assert (tables / 'composites-2.html').is_file()
    assert not (tables / 'composites-3.html').is_file()
    paths = Paths(settings)
    for stem in sorted(file.stem for file in paths.outcome_records.glob('hlsp*'))[1:]:
        paths.outcome(stem).unlink()
    make_pages_of_targets(settings)
    make_index(settings)
    assert not (tables / 'composites-2.html').is_file()


def test_rows_that_are_ready_are_those_that_can_be_sorted(tmp_path, monkeypatch):
    settings = Settings(home=tmp_path)
    write_records(settings)
    make_pages(settings)
    whole = {name: rows_of_table(tmp_path, name) for name in ('composites', 'individual')}
    monkeypatch.setattr('hstlc.site.index.PAGE', 2)
    make_index(settings)
    for name, rows in whole.items():
        pages = sorted((tmp_path / 'site/tables').glob(f'{name}*.html'), key=lambda page: (len(page.name), page.name))
        assert len(pages) > 1
        assert [row for page in pages for row in rows_of_table(tmp_path, page.stem)] == rows
        assert not any('data-order' in page.read_text(encoding='utf-8') for page in pages)  # a quarter of their size


def rows_of_table(home, name):
    """Return the rows of a table's page, without what they are sorted by."""
    body = (home / f'site/tables/{name}.html').read_text(encoding='utf-8').split('<tbody>')[1].split('</tbody>')[0]
    return [line for line in re.sub(r' data-order="[^"]*"', '', body).splitlines() if line.strip()]


def test_marks_of_direction_and_controls_do_not_reach_a_page(tmp_path):
    (tmp_path / 'one.html').write_text('{{ name | clean }}')
    assert render(tmp_path, 'one.html', {'name': 'a\u202eb\x00c\u200fd<'}) == 'abcd&lt;'


def test_a_name_that_the_context_lacks_is_an_error(tmp_path):
    from jinja2 import UndefinedError

    (tmp_path / 'two.html').write_text('{{ missing }}')
    with pytest.raises(UndefinedError):
        render(tmp_path, 'two.html', {})


def test_statistics_of_catalog_are_those_of_the_records(site):
    catalog = json.loads((site / 'catalog.json').read_text(encoding='utf-8'))
    rows = {row[0]: dict(zip(catalog['columns'], row, strict=True)) for row in catalog['rows']}
    _, _, curves, _ = archive()
    assert set(rows) == {made.outcome.stem for made in curves}
    for made in curves:
        assert rows[made.outcome.stem]['total'] == made.statistics.total
        assert rows[made.outcome.stem]['poisson_factor'] == pytest.approx(made.statistics.poisson_factor, rel=1e-8)


def test_contexts_are_json_and_do_not_change_by_themselves(built):
    one, other = contexts(built[0]), contexts(built[0])
    assert json.loads(json.dumps(one)) == one == other


def test_home_shows_what_varies_and_nothing_else(site):
    shown = (site / 'index.html').read_text(encoding='utf-8').partition('Most interesting')[2].partition('Most recently')[0]
    assert [name in shown for name in ('GJ-436', 'V*-AM-HER', 'GJ849')] == [True, True, True]
    assert 'alert(1)' not in shown


def test_what_is_not_summed_up_yet_is_not_listed(tmp_path):
    settings = Settings(home=tmp_path)
    write_records(settings)
    make_pages(settings)
    paths, names = Paths(settings), [one['name'] for one in listing(settings).targets]
    assert names == [one.name for one in load_archive(settings).targets]
    first, second = (paths.listing(one['slug']) for one in listing(settings).targets[:2])
    first.unlink()
    second.write_text(second.read_text().replace(f'"version":{LISTING_VERSION}', '"version":0'))  # of another hstlc
    assert [one['name'] for one in listing(settings).targets] == names[2:]


def test_a_target_is_made_of_its_own_records(tmp_path):
    settings = Settings(home=tmp_path)
    write_records(settings)
    make_pages(settings)
    found, paths = load_archive(settings), Paths(settings)
    target = next(one for one in found.targets if one.slug == 'gj-436')
    before = {place: place.read_bytes() for place in (paths.site_target('gj-436'), paths.listing('gj-436'))}
    own = {*target.rootnames, *found.about(target)[1]}
    for name in found.records:
        if name not in own:
            paths.record(name).write_text('damaged')
    for place in before:
        place.unlink()
    make_target_pages(settings, target, *found.about(target))
    assert {place: place.read_bytes() for place in before} == before
