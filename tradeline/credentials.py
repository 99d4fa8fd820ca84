"""Addresses with their passwords, which stand in no file that people edit: those of sources and of targets."""

from typing import TYPE_CHECKING, Any

from tradeline.errors import BadInput
from tradeline.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

# Airflow's name of a kind of database, where it is not the one that begins a URL.
DIALECTS = {"postgres": "postgresql"}


def url_of(settings: Settings, name: str, url: str | None, connection: str | None = None) -> str:
    """The URL of the database of the source or target ``name``, with user and password.

    ``connection``: the id of an Airflow connection, which has what ``url`` leaves out; without a ``url``, everything.
    Else the password is in ``TRADELINE_PASSWORD_<NAME>``, and a URL without one is left as it is.

    Raises:
        BadInput: there is no such connection, neither says where the database is, or the URL has a password in it.
    """
    given = _parsed(name, url) if url else None
    if given and (given.password or "password" in given.query):
        raise BadInput(
            f"the url of {name} has a password in it: take it out of the file, and put it into the variable "
            f"{variable_of(name)}, into settings.env or into an Airflow connection"
        )
    if connection:
        given = _completed(given, _airflow_connection(name, connection))
    elif given and (password := password_of(settings, name)):
        given = given.set(password=password)
    if given is None:
        raise BadInput(f"{name} has neither a url nor a connection: say where the database is")
    return given.render_as_string(hide_password=False).replace(" ", "%20")  # as libpq asks for it


def password_of(settings: Settings, name: str, connection: str | None = None) -> str | None:
    """The password, or token, of the source or target ``name``; None where nothing says one.

    Raises:
        BadInput: there is no Airflow connection of the id ``connection``.
    """
    if connection:
        password: str | None = _airflow_connection(name, connection).password
        return password
    kept = settings.password.get(name.lower())
    return kept.get_secret_value() if kept else None


def without_password(text: str, url: str) -> str:
    """What a client says of a ``url_of``, in one line, without the password of it."""
    from urllib.parse import quote

    said = " ".join(text.split())
    password = _parsed("this", url).password
    for secret in (password, quote(password, safe="")) if password else ():
        said = said.replace(secret, "***")
    return said


def variable_of(name: str) -> str:
    """The variable that has the password of the source or target ``name``."""
    return f"TRADELINE_PASSWORD_{name.upper()}"


def _airflow_connection(name: str, connection: str) -> Any:
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowException

    try:
        return BaseHook.get_connection(connection)
    except AirflowException as error:
        raise BadInput(
            f"{name}: this process finds no Airflow connection {connection!r} ({error}). Make it in the web UI under "
            "Admin, Connections; or write the url without `connection` into the file, and the password into "
            f"{variable_of(name)}"
        ) from None


def _completed(url: "URL | None", connection: Any) -> "URL":
    """What the URL says and, where it says nothing, the connection."""
    from sqlalchemy.engine import URL

    url = url or URL.create(DIALECTS.get(connection.conn_type, connection.conn_type))
    return url.set(
        username=url.username or connection.login or None,
        password=connection.password or None,
        host=url.host or connection.host or None,
        port=url.port or connection.port or None,
        database=url.database or connection.schema or None,
    )


def _parsed(name: str, url: str) -> "URL":
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # Not the text itself: it may have a password in it.
        raise BadInput(
            f"the url of {name} is none: write it as in postgresql://user@host:5432/database, special characters "
            "as in %40"
        ) from None
