"""Where a command starts: first its surroundings, then all that reads them."""

from tradeline.surroundings import enter


def main() -> None:
    """Run the command line in surroundings of its own."""
    enter()
    from cli.commands import main as command_line

    command_line()


if __name__ == "__main__":
    main()
