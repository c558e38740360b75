"""The task of a delivery to MAST, which runs only when it is asked for."""

from collections.abc import Iterator

from hstlc.tasks.building import Step, Task, after, build
from hstlc.tasks.commandline import says_yes
from hstlc.tasks.session import current

DELIVER = Step('hstlc.steps.deliver:deliver')


@after('plots')
def task_deliver() -> Iterator[Task]:
    """Write what goes to MAST into delivery/ and report on it (on request; draft=yes remembers nothing)."""
    draft = says_yes('draft')
    yield build('mast', DELIVER, current().today, draft, uptodate=[False])
