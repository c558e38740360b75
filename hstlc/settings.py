"""One frozen `Settings`, read from `hstlc.toml` and the environment."""

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from hstlc.errors import SettingsError
from hstlc.model import Thresholds

CONFIG_NAME = 'hstlc.toml'


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings(Thresholds):
    """Everything that a person can choose; thresholds included. Folders left empty lie in `home` under their usual name."""

    # --- where things are -------------------------------------------------------------------------------------------
    home: Path  # the archive: all data, products and the site
    ingest_dir: Path | None = None  # files waiting to be ingested
    filesystem_dir: Path | None = None  # ingested files, by target
    bad_data_dir: Path | None = None  # files that failed the quality checks
    outputs_dir: Path | None = None  # individual light curves, by target
    composite_dir: Path | None = None  # composite light curves
    plot_dir: Path | None = None  # figures and exploratory tables
    log_dir: Path | None = None  # a log per run
    download_dir: Path | None = None  # what the archive was asked for and what it answered
    site_dir: Path | None = None  # the web site
    # --- how it runs ------------------------------------------------------------------------------------------------
    num_cores: int = 0  # processes; 0 = all cores; with a scheduler: steps that it is given at the same time, 0 = 128
    scheduler: str = ''  # address of a Dask scheduler, 'tcp://host:8786': heavy steps run on its workers
    wait: float = 0.0  # s, how long a run waits for another one in the same home; 0 = it leaves at once
    group: str = ''  # when named: files and folders get this group and rwxrwx---, the site stays world-readable
    # --- light curves -----------------------------------------------------------------------------------------------
    step: float = 2.0  # s, bin width of light curves (COS: rounded to whole grid bins)
    grid_step: float = 1.0  # s, time grid of dynamic spectra (COS: 31 ticks of 0.032 s = 0.992 s)
    airglow: str = 'auto'  # auto | cos_m | cos_l | stis | hstlc | none
    night: bool = False  # only times with the Sun below the limb, where the file's TIMELINE says
    wmin: float | None = None  # Angstrom, whole; narrower limits than the detector's
    wmax: float | None = None  # likewise, longest
    min_rel_sens: float = 0.05  # columns below this part of the largest sensitivity are left out
    min_fracexp: float = 0.1  # bins with less live time are flagged LOWEXP
    strict_linear: bool = False  # reject any backward step of time, as the original did
    min_exptime: float = 1.0  # s
    bad_proposals: tuple[int, ...] = (13635,)  # rejected as 'Bad Proposal'
    # --- statistics -------------------------------------------------------------------------------------------------
    stats: str = 'both'  # individual | composite | both
    interesting: float = 1.2  # poisson_factor from which a light curve is listed as interesting
    # --- delivery ---------------------------------------------------------------------------------------------------
    deliver_also: tuple[str, ...] = ()  # composites that are delivered whatever the rule says, by name
    deliver_never: tuple[str, ...] = ()  # composites that are not
    reference: str = ''  # publication of the collection, as a DOI or bibcode; keyword REFERENC of delivered files
    # --- the archive of MAST ----------------------------------------------------------------------------------------
    source: str = 'mast'  # mast | s3: where files come from
    download_workers: int = 4  # files at the same time; at most 8
    download_rate: float = 5.0  # requests per second; at most 5
    download_tries: int = 4  # of one file in one run
    download_pause: float = 2.0  # s, before the second try; doubled for each further one
    download_timeout: float = 60.0  # s without a byte
    download_batch: int = 200  # datasets in one question for files
    max_bytes: int = 0  # a larger download is refused; 0 = no limit
    reserve_bytes: int = 10_000_000_000  # space on the disk that a download leaves free
    fetch_references: bool = True  # doit download also fetches reference files that are not on this machine
    s3_url: str = 'https://stpubdata.s3.us-east-1.amazonaws.com'  # public copy of the archive
    crds_url: str = 'https://hst-crds.stsci.edu'  # reference files
    sesame_url: str = 'https://cds.unistra.fr/cgi-bin/nph-sesame'  # names of objects, for doit names
    # --- operator's lists, relative to the home ----------------------------------------------------------------------
    operator_list: str = 'operator.csv'  # rootname,action,reason with action exclude or accept
    aliases: str = 'target_aliases.csv'  # alias,name: wins over the built-in table and rules
    # --- the site ---------------------------------------------------------------------------------------------------
    title: str = 'Hubble ultraviolet light curves'  # of the site
    site_url: str = ''  # where the site will be published; used in the feed and sitemap only
    publish: str = ''  # where doit publish puts the site: host:folder for rsync, or git:repository#branch
    contact: str = ''  # whom to write to; shown on the site, told to the servers that are asked
    doi: str = ''  # of the collection; shown, and keyword DOI of the files

    def subset(self, *names: str) -> dict[str, Any]:
        """Return the named settings as JSON-safe values, for doit's `config_changed`."""
        return {name: _plain(getattr(self, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def load(environ: Mapping[str, str], default_dir: Path) -> Settings:
    """Read the settings.

    `HSTLC_CONFIG` names the file, else `hstlc.toml` in `HSTLC_HOME`, else in `default_dir` (the folder of dodo.py).
    `HSTLC_HOME` overrides the file's `home`; without either the home is `archive` in `default_dir`.

    Raises
    ------
    SettingsError
        A file that does not exist or is not TOML; a key or value that hstlc does not know.
    """
    home = environ.get('HSTLC_HOME')
    config = _config_path(environ, Path(home) if home else None, default_dir)
    values = _read(config) if config else {}
    base = config.parent if config else default_dir
    if home:
        values['home'] = os.path.abspath(os.path.expanduser(home))  # names in the file stay relative to the file
    elif 'home' not in values:
        values['home'] = str(default_dir / 'archive')
    return _settings(values, config, base)


def _config_path(environ: Mapping[str, str], home: Path | None, default_dir: Path) -> Path | None:
    named = environ.get('HSTLC_CONFIG')
    if named:
        if not os.path.isfile(named):
            raise SettingsError(f'HSTLC_CONFIG names {named}, which is not there; unset it or create the file')
        return Path(named).absolute()
    places = [home / CONFIG_NAME] if home else []
    for place in [*places, default_dir / CONFIG_NAME]:
        if place.is_file():
            return place.absolute()
    return None


def _read(config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text(encoding='utf-8'))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f'{config} is not valid TOML: {error}') from None


def _settings(values: dict[str, Any], config: Path | None, base: Path) -> Settings:
    hints = get_type_hints(Settings)
    for key in values:
        if key not in hints:
            near = difflib.get_close_matches(key, hints, 1)
            hint = f'did you mean {near[0]!r}?' if near else 'see the guide, page Settings, for all of them'
            raise SettingsError(f'{config}: there is no setting {key!r}; {hint}')
    converted = {key: _convert(key, value, hints[key], base) for key, value in values.items()}
    settings = Settings(**converted)
    _check(settings)
    return settings


def _convert(key: str, value: Any, hint: Any, base: Path) -> Any:
    kinds = (hint,) if get_origin(hint) is tuple else get_args(hint) or (hint,)
    if Path in kinds and isinstance(value, str):
        return Path(os.path.abspath(base / os.path.expanduser(value)))
    if float in kinds and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if get_origin(hint) is tuple and isinstance(value, list) and all(type(item) is get_args(hint)[0] for item in value):
        return tuple(value)
    if type(value) in kinds:
        return value
    raise SettingsError(f'setting {key!r} cannot be {value!r}; it must be {_describe(hint)}')


def _describe(hint: Any) -> str:
    names = {
        tuple[int, ...]: 'a list of whole numbers',
        tuple[str, ...]: 'a list of texts in quotes',
        Path: 'a folder name in quotes',
        str: 'text in quotes',
        bool: 'true or false',
        int: 'a whole number',
        float: 'a number',
    }
    return str(names.get(hint, 'a value like in the guide, page Settings'))


CHOICES = {
    'airglow': ('auto', 'cos_m', 'cos_l', 'stis', 'hstlc', 'none'),
    'stats': ('individual', 'composite', 'both'),
    'source': ('mast', 's3'),
}
PROBABILITIES = ('period_fap', 'variable_p', 'block_p0', 'listed_fap', 'housekeeping_p', 'certain_p')
POSITIVE = (
    'step', 'grid_step', 'download_rate', 'download_timeout', 'min_events', 'colour_counts', 'visit_gap', 'season_gap',
    'orbit_shortest', 'min_cycles', 'flare_sigma', 'full_sigma', 'full_range', 'full_fvar',
)  # fmt: skip
PARTS = (0, 1)
RANGES = {
    'download_workers': (1, 8), 'download_rate': (0, 5), 'download_tries': (1, 10), 'download_batch': (1, 1000),
    'periodogram_power': PARTS, 'most_periods': (1, 10), 'min_period_bins': (5, 1_000_000), 'flare_ratio': (1, 1_000_000),
    'orbit_tolerance': PARTS, 'orbit_twin': PARTS, 'window_power': PARTS, 'weight_flares': PARTS, 'weight_eclipses': PARTS,
    'weight_period': PARTS, 'weight_outburst': PARTS, 'weight_variability': PARTS,
}  # fmt: skip
NOT_NEGATIVE = ('max_bytes', 'reserve_bytes', 'download_pause', 'wait')
RULES: tuple[tuple[tuple[str, ...], str, Callable[[float], bool]], ...] = (
    (POSITIVE, 'be greater than 0', lambda value: value > 0),
    (NOT_NEGATIVE, 'not be negative', lambda value: value >= 0),
    (PROBABILITIES, 'be between 0 and 1', lambda value: 0 < value < 1),
)


def _check(settings: Settings) -> None:
    for key, allowed in CHOICES.items():
        if getattr(settings, key) not in allowed:
            raise SettingsError(f'setting {key!r} cannot be {getattr(settings, key)!r}; it must be one of {", ".join(allowed)}')
    for keys, words, holds in RULES:
        for key in keys:
            if not holds(getattr(settings, key)):
                raise SettingsError(f'setting {key!r} must {words}')
    for key, (least, most) in RANGES.items():
        if not least <= getattr(settings, key) <= most:
            raise SettingsError(f'setting {key!r} must lie between {least} and {most}')
    if settings.step < settings.grid_step:
        raise SettingsError("setting 'step' must not be smaller than 'grid_step'")
    if settings.orbit_longest < settings.orbit_shortest:
        raise SettingsError("setting 'orbit_longest' must not be smaller than 'orbit_shortest'")
    if settings.num_cores < 0:
        raise SettingsError("setting 'num_cores' must be 0 (all cores) or more")


def names() -> tuple[str, ...]:
    """Return the names of all settings."""
    return tuple(item.name for item in dataclasses.fields(Settings))
