"""The task of a delivery to MAST, which runs only when it is asked for."""

from collections.abc import Iterator

from doit import get_var

from hstlc.tasks.building import Step, Task, after, build
from hstlc.tasks.session import current

DELIVER = Step('hstlc.steps.deliver:deliver')


@after('plots')
def task_deliver() -> Iterator[Task]:
    """Write what goes to MAST into delivery/ and report on it (on request; draft=yes remembers nothing)."""
    draft = get_var('draft', 'no') == 'yes'
    yield build('mast', DELIVER, current().today, draft, uptodate=[False])
