"""The columns of the catalog of light curves: those of ObsCore 1.1, and what else hstlc knows.

ObsCore is the IVOA's Observation Data Model Core Components (https://www.ivoa.net/documents/ObsCore/): names,
units, UCDs and utypes of its table 1.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class CatalogColumn:
    """A column of the catalog: FITS format code (A, D, J, K), unit, UCD, utype of ObsCore ('' for columns of hstlc) and meaning."""

    name: str
    format: str
    unit: str | None
    ucd: str
    utype: str
    meaning: str


_SPACE = 'Char.SpatialAxis'
_TIME = 'Char.TimeAxis'
_SPECTRAL = 'Char.SpectralAxis'
_POSITION = f'{_SPACE}.Coverage.Location.Coord.Position2D.Value2'
_C = CatalogColumn

OBSCORE: tuple[CatalogColumn, ...] = (
    _C('dataproduct_type', 'A', None, 'meta.code.class', 'ObsDataset.dataProductType', 'timeseries'),
    _C('dataproduct_subtype', 'A', None, 'meta.code.class', 'ObsDataset.dataProductSubtype', 'lightcurve'),
    _C('calib_level', 'J', None, 'meta.code;obs.calib', 'ObsDataset.calibLevel', '2 of one exposure, 3 composite'),
    _C('obs_collection', 'A', None, 'meta.id', 'DataID.Collection', 'name of the collection'),
    _C('obs_id', 'A', None, 'meta.id', 'DataID.observationID', 'name of the light curve'),
    _C('obs_title', 'A', None, 'meta.title;obs', 'DataID.Title', 'what it is'),
    _C('obs_publisher_did', 'A', None, 'meta.ref.ivoid', 'Curation.PublisherDID', 'identifier within this archive, not registered'),
    _C('access_url', 'A', None, 'meta.ref.url', 'Access.reference', 'FITS file; relative to the catalog where no site is named'),
    _C('access_format', 'A', None, 'meta.code.mime', 'Access.format', 'MIME type'),
    _C('access_estsize', 'K', 'kbyte', 'phys.size;meta.file', 'Access.size', 'size of the file'),
    _C('target_name', 'A', None, 'meta.id;src', 'Target.name', 'target'),
    _C('s_ra', 'D', 'deg', 'pos.eq.ra', f'{_POSITION}.C1', 'right ascension, ICRS'),
    _C('s_dec', 'D', 'deg', 'pos.eq.dec', f'{_POSITION}.C2', 'declination, ICRS'),
    _C('s_fov', 'D', 'deg', 'phys.angSize;instr.fov', f'{_SPACE}.Coverage.Bounds.Extent.diameter', 'not stated'),
    _C('s_region', 'A', None, 'pos.outline;obs.field', f'{_SPACE}.Coverage.Support.Area', 'not stated'),
    _C('s_resolution', 'D', 'arcsec', 'pos.angResolution', f'{_SPACE}.Resolution.refval.value', 'not stated'),
    _C('s_xel1', 'K', None, 'meta.number', f'{_SPACE}.numBins1', 'elements of the first spatial axis'),
    _C('s_xel2', 'K', None, 'meta.number', f'{_SPACE}.numBins2', 'elements of the second spatial axis'),
    _C('t_min', 'D', 'd', 'time.start;obs.exposure', f'{_TIME}.Coverage.Bounds.Limits.StartTime', 'start of good time, MJD (UTC)'),
    _C('t_max', 'D', 'd', 'time.end;obs.exposure', f'{_TIME}.Coverage.Bounds.Limits.StopTime', 'end of good time, MJD (UTC)'),
    _C('t_exptime', 'D', 's', 'time.duration;obs.exposure', f'{_TIME}.Coverage.Support.Extent', 'live time'),
    _C('t_resolution', 'D', 's', 'time.resolution', f'{_TIME}.Resolution.Refval.value', 'bin width'),
    _C('t_xel', 'K', None, 'meta.number', f'{_TIME}.numBins', 'bins'),
    _C('em_min', 'D', 'm', 'em.wl;stat.min', f'{_SPECTRAL}.Coverage.Bounds.Limits.LoLimit', 'start of the band'),
    _C('em_max', 'D', 'm', 'em.wl;stat.max', f'{_SPECTRAL}.Coverage.Bounds.Limits.HiLimit', 'end of the band'),
    _C('em_res_power', 'D', None, 'spect.resolution', f'{_SPECTRAL}.Resolution.ResolPower.refVal', 'not stated'),
    _C('em_xel', 'K', None, 'meta.number', f'{_SPECTRAL}.numBins', 'elements of the spectral axis'),
    _C('o_ucd', 'A', None, 'meta.ucd', 'Char.ObservableAxis.ucd', 'what was measured'),
    _C('pol_states', 'A', None, 'meta.code;phys.polarization', 'Char.PolarizationAxis.stateList', 'none'),
    _C('pol_xel', 'K', None, 'meta.number', 'Char.PolarizationAxis.numBins', 'polarization states'),
    _C('facility_name', 'A', None, 'meta.id;instr.tel', 'Provenance.ObsConfig.Facility.name', 'observatory'),
    _C('instrument_name', 'A', None, 'meta.id;instr', 'Provenance.ObsConfig.Instrument.name', 'instrument'),
)

OWN: tuple[CatalogColumn, ...] = (
    _C('composite', 'J', None, 'meta.code', '', '1: of all exposures of a configuration, 0: of one exposure'),
    _C('detector', 'A', None, 'meta.id;instr.det', '', 'detector'),
    _C('opt_elem', 'A', None, 'meta.id;instr.filter', '', 'grating, echelle or mirror'),
    _C('cenwave', 'J', 'Angstrom', 'em.wl.central', '', 'central wavelength, 0 for imaging'),
    _C('aperture', 'A', None, 'meta.id;instr', '', 'aperture'),
    _C('proposal_id', 'A', None, 'meta.id;obs.proposal', '', 'observing programmes'),
    _C('n_exposures', 'J', None, 'meta.number;obs.exposure', '', 'exposures'),
    _C('rootnames', 'A', None, 'meta.id;obs.exposure', '', 'exposures'),
    _C('band_gaps', 'A', 'Angstrom', 'em.wl', '', 'windows left out of the band'),
    _C('bands', 'A', None, 'meta.id', '', 'lines and continua that have light curves of their own'),
    _C('mean_net', 'D', 'count s-1', 'phot.count;stat.mean', '', 'mean net rate'),
    _C('mean_net_err', 'D', 'count s-1', 'stat.error;phot.count', '', 'its error'),
    _C('mean_flux', 'D', 'erg s-1 cm-2 Angstrom-1', 'phot.flux.density;stat.mean', '', 'mean flux density'),
    _C('mean_flux_err', 'D', 'erg s-1 cm-2 Angstrom-1', 'stat.error;phot.flux.density', '', 'its error'),
    _C('flux_source', 'A', None, 'meta.code', '', 'where the sensitivity comes from'),
    _C('total', 'D', 'count', 'phot.count', '', 'net counts in whole bins'),
    _C('poisson_factor', 'D', None, 'stat.fit.param', '', 'scatter over that of the source alone'),
    _C('periodogram', 'J', None, 'meta.code', '', '1: a significant period'),
    _C('best_period', 'D', 's', 'time.period', '', 'strongest period'),
    _C('deliver', 'J', None, 'meta.code', '', '1: fit for delivery'),
    _C('warnings', 'A', None, 'meta.code.qual', '', 'W_ codes, see the guide'),
    _C('sha256', 'A', None, 'meta.id;meta.file', '', 'checksum of the file'),
)

CATALOG_COLUMNS = OBSCORE + OWN
