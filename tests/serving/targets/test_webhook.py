"""What a webhook is posted, by a real HTTP server that can refuse."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from serving.publish import withdraw
from serving.targets.deliver import deliver
from serving.targets.state import read_state
from tests.servers import served
from tests.serving.targets.conftest import EARLIER, NIGHT, TARGET, describe, publish_night
from tradeline.errors import TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow

LATER = date(2018, 9, 30)


class Hook:
    """A webhook: what it answers, and the (headers, JSON) that it was sent."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: list[int] = []
        self.received: list[tuple[dict[str, str], dict[str, Any]]] = []

    @property
    def told(self) -> list[tuple[str, str, bool, bool]]:
        """Night, run, whether readers see it and as the latest, in the order of their coming."""
        names = ("as_of", "run_id", "is_current", "is_latest")
        return [tuple(content[name] for name in names) for _, content in self.received]

    @property
    def keys(self) -> list[str]:
        return [headers["Idempotency-Key"] for headers, _ in self.received]


@contextmanager
def listening() -> Iterator[Hook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            listener.received.append((dict(self.headers), content))
            self.send_response(listener.answers.pop(0) if listener.answers else 204)
            self.send_header("Location", f"{listener.url}/elsewhere")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        listener = Hook(f"http://127.0.0.1:{server.server_port}/offers")
        with served(server):
            yield listener


@pytest.fixture
def hook() -> Iterator[Hook]:
    with listening() as found:
        yield found


def test_the_first_delivery_posts_the_latest_night_alone(published: Settings, hook: Hook) -> None:
    describe(published, kind="webhook", url=hook.url)
    deliver(published, TARGET)
    assert hook.told == [(str(NIGHT), "second", True, True)]
    headers, content = hook.received[0]
    assert headers["Content-Type"] == "application/json" and "Authorization" not in headers
    assert content["model_version"] == "m1" and [each["row_count"] for each in content["tables"]] == [20] * 5
    deliver(published, TARGET)
    assert len(hook.received) == 1


def test_with_history_every_night_is_posted_in_order(published: Settings, hook: Hook) -> None:
    describe(published, kind="webhook", url=hook.url, history=True)
    deliver(published, TARGET)
    assert hook.told == [(str(EARLIER), "first", True, False), (str(NIGHT), "second", True, True)]


def test_what_changes_is_posted_again(published: Settings, hook: Hook) -> None:
    describe(published, kind="webhook", url=hook.url)
    deliver(published, TARGET)
    publish_night(published, NIGHT, "third")
    publish_night(published, LATER, "fourth")
    deliver(published, TARGET)
    withdraw(published, LATER, "A test night.", "anna")
    deliver(published, TARGET)
    assert hook.told[1:] == [
        (str(NIGHT), "second", False, False),
        (str(NIGHT), "third", True, False),
        (str(LATER), "fourth", True, True),
        (str(LATER), "fourth", False, False),
    ]
    assert hook.received[-1][1]["withdrawn_reason"] == "A test night."
    assert len(set(hook.keys)) == len(hook.keys), "each has a key of its own"


@pytest.mark.parametrize("answer", [500, 404, 302])
def test_a_post_that_is_not_taken_is_sent_again_under_its_key(published: Settings, hook: Hook, answer: int) -> None:
    describe(published, kind="webhook", url=hook.url, history=True)
    hook.answers = [204, answer]
    with pytest.raises(TradelineError, match=f"target apps: the webhook answers {answer} "):
        deliver(published, TARGET)
    assert f"answers {answer}" in (read_state(published, TARGET).error or "")
    deliver(published, TARGET)
    assert [night for night, *_ in hook.told] == [str(EARLIER), str(NIGHT), str(NIGHT)]
    assert hook.keys[1] == hook.keys[2] and read_state(published, TARGET).error is None


def test_a_password_is_sent_as_a_token(published: Settings, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADELINE_PASSWORD_APPS", "hidden1")
    describe(published, kind="webhook", url=hook.url)
    deliver(Settings(home=published.home), TARGET)
    assert hook.received[0][0]["Authorization"] == "Bearer hidden1"


def test_a_webhook_that_is_not_there_is_told_without_its_address(published: Settings) -> None:
    with listening() as hook:
        describe(published, kind="webhook", url=f"{hook.url}?token=hidden1")
    with pytest.raises(TradelineError, match="the webhook does not answer") as failed:
        deliver(published, TARGET)
    assert "hidden1" not in str(failed.value)


def test_a_night_can_be_posted_again(published: Settings, hook: Hook) -> None:
    describe(published, kind="webhook", url=hook.url)
    deliver(published, TARGET)
    deliver(published, TARGET, EARLIER)
    deliver(published, TARGET, NIGHT)
    assert [night for night, *_ in hook.told] == [str(NIGHT), str(EARLIER), str(NIGHT)]
    assert hook.keys[0] == hook.keys[2]
