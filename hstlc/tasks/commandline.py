"""What is typed behind doit: names of tasks that do not exist, and the order in which `doit list` shows those that do."""

import difflib
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from doit import get_var
from doit.cmd_info import Info
from doit.cmd_list import List
from doit.cmdparse import CmdOption, CmdParseError
from doit.exceptions import InvalidCommand, InvalidDodoFile, InvalidTask

from hstlc.tasks.session import LOOKING, ON_REQUEST

STAGES = (
    '_open', 'ingest', 'corrtag', 'lightcurve', 'targets', 'composite', 'stats', 'catalog', 'plots',
    'pages', 'index', 'guide', 'prune', 'check',
)  # fmt: skip
COMMANDS = ('run', *LOOKING)
ORDER = {name: place for place, name in enumerate((*STAGES, *ON_REQUEST))}
KINDS = {int: 'a whole number', bool: 'yes or no'}  # of options
NEAR = 0.7  # likeness of two words from which one may be the other misspelt
Listing = Callable[..., list[Any]]


def refuse_misspelt(words: Sequence[str]) -> None:
    """Refuse a word that is nearly the name of a task or a command; what is unlike any of them is left to doit.

    Raises
    ------
    InvalidDodoFile, SystemExit
        Names the word and the name that it resembles.
    """
    for place, word in enumerate(words):
        name = word.partition(':')[0]
        known = (*ORDER, *COMMANDS) if place == 0 or words[0] == 'help' else tuple(ORDER)
        near = difflib.get_close_matches(name, known, n=1, cutoff=NEAR)
        if name not in (*ORDER, *COMMANDS) and near and not Path(word).exists():
            said = f"there is no task or command '{word}'; did you mean {near[0]}? `doit list` shows all tasks"
            raise SystemExit(said) if words[0] == 'help' else InvalidDodoFile(said)  # doit help passes over errors of dodo.py


def list_in_order() -> None:
    """Let `doit list` show the tasks in the data's order; doit's own order goes by line numbers, whatever the module.

    And let its messages on an option that is misspelt, or has a value that it cannot have, be one line in the words of the command
    line, and `doit info` name a task that it misses.
    """
    CmdOption.__repr__ = _typed
    if not getattr(List, 'in_order', False):
        List._list_all, List.in_order = _ordered(List._list_all), True
        Info._execute = _known(Info._execute)
        CmdOption.str2type = _refusing(CmdOption.str2type)


def says_yes(variable: str) -> bool:
    """Return whether the command line says `variable=yes`.

    Raises
    ------
    InvalidTask
        It says something else than yes or no.
    """
    said = get_var(variable, 'no')
    if said not in ('yes', 'no', None):
        raise InvalidTask(f'{variable}={said}: it is either yes or no')
    return bool(said == 'yes')


def _typed(option: CmdOption) -> str:
    return f'--{option.long}' if option.long else f'-{option.short}'


def _refusing(convert: Callable[[CmdOption, Any], Any]) -> Callable[[CmdOption, Any], Any]:
    def converted(option: CmdOption, said: Any) -> Any:
        try:
            return convert(option, said)
        except CmdParseError:
            wanted = f'one of {", ".join(option.choices)}' if option.choices else KINDS.get(option.type, 'something else')
            raise CmdParseError(f'{option!r} cannot be {said!r}; it must be {wanted}') from None

    return converted


def _ordered(listing: Listing) -> Listing:
    def listed(*arguments: Any) -> list[Any]:
        return sorted(listing(*arguments), key=lambda task: ORDER.get(task.name.partition(':')[0], len(ORDER)))

    return listed


def _known(show: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(show)  # doit reads the names of the arguments
    def shown(command: Info, pos_args: Sequence[str], **options: Any) -> Any:
        if len(pos_args) == 1 and pos_args[0] not in {task.name for task in command.task_list}:
            stage = pos_args[0].partition(':')[0]
            where = f'`doit list --all {stage}` shows those of {stage}' if stage in ORDER else '`doit list` shows all tasks'
            raise InvalidCommand(f"there is no task '{pos_args[0]}'; {where}")
        return show(command, pos_args, **options)

    return shown
