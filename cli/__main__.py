"""Where a command starts: first its surroundings, then all that reads them."""

import gc

from tradeline.surroundings import enter

# Of dbt, Great Expectations and the manifest millions of objects stay as long as the process: Python's own threshold
# of 700 has them searched for garbage again and again.
GARBAGE_THRESHOLD = 50_000


def main() -> None:
    """Run the command line in surroundings of its own."""
    enter()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 50)
    from cli.commands import app
    from cli.ending import run_to_its_end

    run_to_its_end(lambda: app(prog_name="tradeline"))


if __name__ == "__main__":
    main()
