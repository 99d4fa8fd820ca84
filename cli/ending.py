"""How a command ends: its exit code, and what it says of a failure."""

import atexit
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from tradeline.damage import damage_told
from tradeline.errors import NotDelivered, TradelineError
from tradeline.files import printable
from tradeline.surroundings import home_of


def run_to_its_end(command_line: Callable[[], object]) -> NoReturn:
    """Run the command line and end the process; an expected failure is one message on stderr and exit code 1.

    The code is 3 where the night is published and a target alone does not have it.
    """
    code: object = 0
    try:
        if bytes_ := [argument for argument in sys.argv if printable(argument) != argument]:
            raise TradelineError(f"{printable(bytes_[0])!r} is not UTF-8: write text, and give files names that are")
        with damage_told(home_of(os.environ)):
            command_line()
    except TradelineError as error:
        print(f"tradeline: {printable(str(error))}", file=sys.stderr)
        code = 3 if isinstance(error, NotDelivered) else 1
    except ValueError as error:
        _tell_settings(error)
        code = 1
    except SystemExit as end:
        code = end.code
    _leave(code if isinstance(code, int) else 0)


def _tell_settings(error: ValueError) -> None:
    """What is wrong with which settings; an error of another kind is raised again."""
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    if isinstance(error, SettingsError):
        print(f"tradeline: {error}: {error.__cause__}", file=sys.stderr)
        return
    if not isinstance(error, ValidationError):
        raise error
    for fault in error.errors():
        print(f"tradeline: setting {': '.join(map(str, fault['loc']))}: {fault['msg']}", file=sys.stderr)
    print("Settings are TRADELINE_* variables and settings.env in the home folder", file=sys.stderr)


def _leave(code: int) -> NoReturn:
    # Great Expectations holds on to DuckDB objects, and DuckDB complains of each when the interpreter is taken down.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
