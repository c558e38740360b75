"""What `doit` runs, in the order of the data."""

from hstlc.tasks.config import configuration
from hstlc.tasks.delivery import task_deliver
from hstlc.tasks.download import task_download, task_names, task_references
from hstlc.tasks.exposures import task__open, task_corrtag, task_ingest, task_lightcurve
from hstlc.tasks.index import task_check, task_guide, task_index, task_prune
from hstlc.tasks.lightcurves import task_catalog, task_composite, task_stats, task_targets
from hstlc.tasks.requests import task_demo, task_publish, task_reset, task_serve
from hstlc.tasks.site import task_pages, task_plots
from hstlc.tasks.status import task_status

DOIT_CONFIG = configuration()
