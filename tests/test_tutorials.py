"""The tutorials of the guide do what they say."""

import re

import pytest
import tutorials

ALL = {page.stem: page for page in sorted(tutorials.PAGES.glob('*.md'))}
AFTER = {'folder': ('page',)}  # pages that go on with what another one has made
FIRST = [name for name in ALL if not any(name in others for others in AFTER.values())]


# lightkurve and stingray warn as they are imported
@pytest.mark.filterwarnings('ignore::UserWarning', 'ignore::DeprecationWarning')
@pytest.mark.parametrize('name', FIRST)
def test_a_tutorial_prints_what_it_says(name, tmp_path, monkeypatch):
    monkeypatch.setenv('MPLBACKEND', 'Agg')
    for one in (name, *AFTER.get(name, ())):
        compared = 0
        for block, said in tutorials.run_page(ALL[one], tmp_path):
            compared += block.says is not None
            assert tutorials.agrees(said, block), f'{one}.md, line {block.line}, prints\n{said}instead of\n{block.says}'
        assert compared


def test_every_picture_of_a_tutorial_is_drawn_and_shown_by_one():
    texts = [page.read_text(encoding='utf-8') for page in ALL.values()]
    drawn, shown = (
        {name for text in texts for name in re.findall(wanted, text)}
        for wanted in (r"savefig\('tutorial-([\w-]+\.png)'", r'images/tutorials/([\w-]+\.png)')
    )
    assert shown == drawn == {path.name for path in tutorials.PICTURES.glob('*.png')}


def test_a_difference_is_seen():
    block = tutorials.Block('python', '', 'net 12.5\n', 1)
    assert tutorials.agrees('net   12.5\n', block)
    assert not tutorials.agrees('net 12.6\n', block)
