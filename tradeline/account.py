"""Who is at work, where nobody has logged in to anything."""

import os
import pwd


def account() -> str:
    """The operating system's name for whoever runs this process."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user without an entry
        return f"uid {os.getuid()}"


def who(by: str | None) -> str:
    """Who says something: this account or, with the account beside it, whom it names."""
    return f"{by} (entered by {account()})" if by is not None and by != account() else account()
