"""Settings and keys to every file name that is read or written. Names are built here and never parsed back."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hstlc.model import GroupKey
from hstlc.names import composite_stem, curve_stem, directory_name
from hstlc.settings import Settings

MARKER = '.hstlc-home'  # a file that says: this folder is a home of hstlc


@dataclass(frozen=True)
class Paths:
    """Every folder and file of one home. Folders are absolute."""

    settings: Settings

    @cached_property
    def home(self) -> Path:
        """The archive."""
        return self.settings.home

    @cached_property
    def ingest(self) -> Path:
        """Files waiting to be ingested."""
        return self.settings.ingest_dir or self.home / 'ingest'

    @cached_property
    def filesystem(self) -> Path:
        """Ingested files, by target."""
        return self.settings.filesystem_dir or self.home / 'filesystem'

    @cached_property
    def bad_data(self) -> Path:
        """Files that failed the quality checks."""
        return self.settings.bad_data_dir or self.home / 'bad_data'

    @cached_property
    def outputs(self) -> Path:
        """Individual light curves, by target."""
        return self.settings.outputs_dir or self.home / 'outputs'

    @cached_property
    def composites(self) -> Path:
        """Composite light curves."""
        return self.settings.composite_dir or self.outputs / 'composite'

    @cached_property
    def plots(self) -> Path:
        """Figures and exploratory tables."""
        return self.settings.plot_dir or self.home / 'plots'

    @cached_property
    def plot_assets(self) -> Path:
        """The one copy of Bokeh that HTML files in outputs/ and plots/ load."""
        return self.plots / 'assets'

    @cached_property
    def periodogram_subset(self) -> Path:
        """Periodograms that were called interesting."""
        return self.plots / 'periodogram_subset'

    @cached_property
    def logs(self) -> Path:
        """A log per run."""
        return self.settings.log_dir or self.home / 'logs'

    @cached_property
    def download(self) -> Path:
        """What the archive was asked for and what it answered."""
        return self.settings.download_dir or self.home / 'download'

    @cached_property
    def site(self) -> Path:
        """The web site, and nothing else."""
        return self.settings.site_dir or self.home / 'site'

    @cached_property
    def records(self) -> Path:
        """One JSON file per exposure."""
        return self.home / 'records'

    @cached_property
    def outcome_records(self) -> Path:
        """One JSON file per light curve: what became of it."""
        return self.records / 'lightcurves'

    @cached_property
    def stats_records(self) -> Path:
        """One JSON file per light curve: its statistics."""
        return self.records / 'stats'

    @cached_property
    def listings(self) -> Path:
        """One JSON file per target: what the pages that list light curves say of it."""
        return self.records / 'listings'

    @cached_property
    def verdicts(self) -> Path:
        """An empty file per exposure on which the operator's word was acted."""
        return self.records / 'verdicts'

    @cached_property
    def targets(self) -> Path:
        """Which exposures are one target."""
        return self.records / 'targets.json'

    @cached_property
    def references(self) -> Path:
        """Reference files, in the layout of a CRDS cache."""
        return self.home / 'references'

    @cached_property
    def put_aside(self) -> Path:
        """Files that reset or prune took out of the way; never deleted by hstlc."""
        return self.home / 'put_aside'

    @cached_property
    def catalog(self) -> Path:
        """The TinyDB catalog."""
        return self.home / 'hstlc.json'

    @cached_property
    def catalog_sources(self) -> Path:
        """Times and sizes of the records that the catalog was made from."""
        return self.home / '.hstlc-catalog'

    @cached_property
    def state(self) -> Path:
        """Doit's own state."""
        return self.home / '.doit.db'

    @cached_property
    def lock(self) -> Path:
        """Held while a run goes on."""
        return self.home / '.lock'

    @cached_property
    def marker(self) -> Path:
        """Says that the folder is a home of hstlc."""
        return self.home / MARKER

    @cached_property
    def operator_list(self) -> Path:
        """The operator's exclusions and acceptances."""
        return self.home / self.settings.operator_list

    @cached_property
    def aliases(self) -> Path:
        """The operator's target names."""
        return self.home / self.settings.aliases

    def folders(self) -> tuple[Path, ...]:
        """Return every folder that a run needs."""
        return (
            self.home, self.ingest, self.filesystem, self.bad_data, self.outputs, self.composites, self.plots, self.plot_assets,
            self.periodogram_subset, self.logs, self.download, self.site, self.records, self.outcome_records, self.stats_records,
        )  # fmt: skip

    def tops(self) -> tuple[Path, ...]:
        """Return the home and the folders that settings place elsewhere: all that belongs to the archive lies below them."""
        return (self.home, *(folder for folder in self.folders() if not folder.is_relative_to(self.home)))

    @cached_property
    def delivery(self) -> Path:
        """What goes to MAST."""
        return self.home / 'delivery'

    @cached_property
    def delivery_records(self) -> Path:
        """One JSON file per composite that was ever delivered: its versions."""
        return self.records / 'deliveries'

    def delivery_record(self, stem: str) -> Path:
        """Return the record of the versions of a composite that were delivered."""
        return self.delivery_records / f'{stem}.json'

    def record(self, rootname: str) -> Path:
        """Return the record of an exposure."""
        return self.records / f'{rootname}.json'

    def outcome(self, stem: str) -> Path:
        """Return the record that says what became of a light curve."""
        return self.outcome_records / f'{stem}.json'

    def listing(self, slug: str) -> Path:
        """Return what is listed of a target."""
        return self.listings / f'{slug}.json'

    def stats(self, stem: str) -> Path:
        """Return the record of a light curve's statistics."""
        return self.stats_records / f'{stem}.json'

    def input_folder(self, targname: str) -> Path:
        """Return where an accepted exposure's files lie."""
        return self.filesystem / directory_name(targname)

    def corrtag(self, targname: str, rootname: str) -> Path:
        """Return the derived corrtag of a STIS tag."""
        return self.input_folder(targname) / f'{rootname}_corrtag.fits'

    def curve(self, targname: str, rootname: str) -> Path:
        """Return the individual light curve."""
        return self.outputs / directory_name(targname) / f'{curve_stem(rootname)}.fits'

    def dynamic_spectrum(self, targname: str, rootname: str) -> Path:
        """Return the dynamic spectrum of an exposure (FITS, compressed)."""
        return Path(self.dynamic_spectrum_name(targname, rootname))

    def dynamic_spectrum_name(self, targname: str, rootname: str) -> str:
        """Return the same as text: a run asks for that of every exposure."""
        return f'{self.outputs}/{directory_name(targname)}/{rootname}_dynspec.fits.gz'

    def composite(self, key: GroupKey) -> Path:
        """Return the composite light curve of a configuration."""
        return self.composites / f'{composite_stem(key)}.fits'

    def periodogram(self, stem: str) -> Path:
        """Return the periodogram picture of a light curve."""
        return self.plots / f'{stem}_periodogram.png'

    def static_figure(self, product: str) -> Path:
        """Return the picture beside a light curve, from the product's path as records hold it."""
        return self.absolute(product).with_suffix('.png')

    def interactive_figure(self, product: str) -> Path:
        """Return the interactive figure beside a light curve."""
        return self.absolute(product).with_suffix('.html')

    def bands(self, product: str) -> Path:
        """Return the band light curves beside a light curve, from the product's path as records hold it."""
        path = self.absolute(product)
        return path.with_name(f'{path.stem}_bands.fits')

    def plot_data(self, name: str) -> Path:
        """Return the script that feeds an interactive figure in outputs/ or plots/."""
        return self.plot_assets / 'data' / f'{name}.js'

    def summary_plot(self, name: str) -> Path:
        """Return a summary plot or exploratory table."""
        return self.plots / f'{name}.html'

    @cached_property
    def site_assets(self) -> Path:
        """Style, scripts and fonts of the site."""
        return self.site / 'assets'

    def site_data(self, name: str) -> Path:
        """Return the script that feeds an interactive figure or table of the site."""
        return self.site / 'data' / f'{name}.js'

    def site_figure(self, stem: str, kind: str = '') -> Path:
        """Return the site's picture of a light curve; of `kind` _thumb, _periodogram or _dynspec another one of it."""
        return self.site / 'figures' / f'{stem}{kind}.png'

    def site_bundle(self, slug: str) -> Path:
        """Return the archive file with all products of a target."""
        return self.site / 'archives' / f'{slug}.zip'

    def site_target_data(self, slug: str) -> Path:
        """Return what the site says of a target, for machines."""
        return self.site / 'targets' / f'{slug}.json'

    def site_product(self, stem: str, ending: str = 'fits') -> Path:
        """Return the light curve that the site offers for download, as FITS or as text, `csv` or `ecsv`."""
        return self.site / 'products' / f'{stem}.{ending}'

    def site_bands(self, stem: str) -> Path:
        """Return the band light curves that the site offers for download."""
        return self.site / 'products' / f'{stem}_bands.fits'

    def site_target(self, slug: str) -> Path:
        """Return the page of a target."""
        return self.site / 'targets' / f'{slug}.html'

    def site_lightcurve(self, stem: str) -> Path:
        """Return the page of a light curve."""
        return self.site / 'lightcurves' / f'{stem}.html'

    def relative(self, path: Path) -> str:
        """Return a path as records and catalog hold it: relative to the home where it lies inside."""
        return str(path.relative_to(self.home)) if path.is_relative_to(self.home) else str(path)

    def absolute(self, path: str) -> Path:
        """Return the path that `relative` was given."""
        return self.home / path


PROJECT = Path(__file__).resolve().parent.parent
SHARE = Path(__file__).resolve().parent / '_share'


def shared(name: str) -> Path:
    """Return `site_templates`, `content`, `mkdocs.yml` or `dodo.py`: of the checkout, or as the wheel carries them."""
    in_checkout = PROJECT / name
    return in_checkout if (PROJECT / 'mkdocs.yml').is_file() and in_checkout.exists() else SHARE / name
