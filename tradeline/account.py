"""Who is at work, where nobody has logged in to anything."""

import os
import pwd


def account() -> str:
    """The operating system's name for whoever runs this process."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user without an entry
        return f"uid {os.getuid()}"
