"""A webhook as a target: each publication's entry in the manifest is posted as JSON, and again when it changes."""

import hashlib
import json
import urllib.request
from dataclasses import asdict
from email.message import Message
from typing import IO, Any
from urllib.error import HTTPError

from serving.targets.target import Target
from serving.targets.writer import key_of
from tradeline.contracts.publications import Publication, latest_publication
from tradeline.credentials import password_of
from tradeline.errors import TradelineError
from tradeline.settings import Settings

TIMEOUT_SECONDS = 30


class Webhook:
    """A ``Writer`` that posts; what it has posted is in ``told``, hash by night and run.

    The first delivery posts the latest night alone, unless the target has ``history``.
    """

    def __init__(self, settings: Settings, name: str, target: Target, told: dict[str, str]) -> None:
        self.name, self.target, self.told = name, target, told
        self.token = password_of(settings, name, target.connection)

    def missing(self, publications: list[Publication]) -> list[Publication]:
        """As of ``Writer``, in the order of their making; one that was withdrawn or superseded has changed too."""
        if not self.told and not self.target.history:
            self._skip_earlier(publications)
        return [
            found
            for found in publications
            if self.told.get(_key(found)) != _digest(found) and (found.is_current or _key(found) in self.told)
        ]

    def write(self, publication: Publication, publications: list[Publication]) -> None:
        """As of ``Writer``."""
        latest = latest_publication(publications)
        entry = asdict(publication) | {"is_latest": latest is not None and key_of(latest) == key_of(publication)}
        self._post(json.dumps(entry, default=str).encode(), _digest(publication))
        self.told[_key(publication)] = _digest(publication)

    def follow(self, publications: list[Publication]) -> None:
        """As of ``Writer``: what has changed is missing, and so was written."""

    def _skip_earlier(self, publications: list[Publication]) -> None:
        latest = latest_publication(publications)
        self.told.update({_key(found): _digest(found) for found in publications if found is not latest})

    def _post(self, content: bytes, digest: str) -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": digest}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(str(self.target.url), content, headers)  # noqa: S310  the target's file is checked
        opener = urllib.request.build_opener(_NoRedirects)
        try:
            with opener.open(request, timeout=TIMEOUT_SECONDS):
                pass
        except HTTPError as error:
            raise TradelineError(f"the webhook answers {error.code} {error.reason}") from None
        except OSError as error:
            # Not the address: a webhook's often holds a secret.
            reason = getattr(error, "reason", None) or type(error).__name__
            raise TradelineError(f"the webhook does not answer ({reason})") from None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected POST would arrive as a GET, empty, and count as delivered."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Any:
        """None: the answer is an error."""
        return None


def _key(publication: Publication) -> str:
    return f"{publication.as_of} {publication.run_id}"


def _digest(publication: Publication) -> str:
    return hashlib.sha256(json.dumps(asdict(publication), default=str).encode()).hexdigest()
