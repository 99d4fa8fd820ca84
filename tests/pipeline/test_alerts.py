"""Alerts, received by a real HTTP server and a real SMTP server on this machine."""

from pathlib import Path

import pytest

from pipeline.alerts import Alert, alert_on_failure, send_alert
from tests.servers import mail_server, webhook
from tradeline.settings import Settings

ALERT = Alert("seller_marts", "raw_gate", "run-1", "orders.csv row 3: amount is negative", "http://localhost/log")


def test_a_webhook_gets_the_failure_as_json(tmp_path: Path) -> None:
    with webhook() as (address, received):
        send_alert(Settings(home=tmp_path, alert_webhook=address), ALERT)
    (alert,) = received
    assert alert["dag_id"] == "seller_marts" and alert["log_url"] == "http://localhost/log"
    assert alert["text"] == "Tradeline: seller_marts.raw_gate failed: orders.csv row 3: amount is negative"


def test_a_mail_gets_the_failure_in_words(tmp_path: Path) -> None:
    with mail_server() as (port, received):
        send_alert(
            Settings(home=tmp_path, alert_email="oncall@example.org", smtp_host="127.0.0.1", smtp_port=port), ALERT
        )
    (message,) = received
    assert "Subject: Tradeline: seller_marts.raw_gate failed" in message
    assert "To: oncall@example.org" in message and "amount is negative" in message


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/secret-token", "ftp://example.org/secret-token", "nonsense"])
def test_an_alert_that_cannot_be_sent_is_only_logged(
    tmp_path: Path, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING"):
        send_alert(Settings(home=tmp_path, alert_webhook=address), ALERT)
    assert "could not be sent by webhook" in caplog.text and "secret-token" not in caplog.text


def test_the_callback_tells_what_failed_and_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Instance:
        dag_id, task_id, run_id, log_url = "credit_model", "train", "run-2", "http://localhost/train"

    with webhook() as (address, received):
        monkeypatch.setenv("TRADELINE_ALERT_WEBHOOK", address)
        alert_on_failure({"task_instance": Instance(), "exception": ValueError("no rows")})
    (alert,) = received
    assert (alert["task_id"], alert["error"]) == ("train", "no rows")
