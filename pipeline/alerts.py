"""Alerts that a task has failed, by webhook and by mail; one that cannot be sent is only logged."""

import json
import logging
import smtplib
import socket
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from typing import Any

from tradeline.errors import TradelineError
from tradeline.settings import Settings
from tradeline.side_work import never_stops

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Alert:
    """The content of an alert; ``log_url`` leads to its log in Airflow's web UI."""

    dag_id: str
    task_id: str
    run_id: str
    error: str
    log_url: str

    @property
    def subject(self) -> str:
        """One line for a mail or a chat message."""
        return f"Tradeline: {self.dag_id}.{self.task_id} failed"


def alert_on_failure(context: Any) -> None:
    """Airflow's failure callback."""
    instance = context["task_instance"]
    alert = Alert(
        dag_id=instance.dag_id,
        task_id=instance.task_id,
        run_id=instance.run_id,
        error=str(context.get("exception") or "no reason given"),
        log_url=getattr(instance, "log_url", None) or "",
    )
    send_alert(Settings(), alert)


def send_alert(settings: Settings, alert: Alert) -> None:
    """Send to every address that the settings name; never raises."""
    if settings.alert_webhook:
        _try(settings, alert, "webhook", lambda: _post(str(settings.alert_webhook), alert))
    if settings.alert_email:
        _try(settings, alert, "mail", lambda: _mail(settings, str(settings.alert_email), alert))


def _try(settings: Settings, alert: Alert, way: str, send: Callable[[], None]) -> None:
    variable = {"webhook": "TRADELINE_ALERT_WEBHOOK", "mail": "TRADELINE_ALERT_EMAIL and TRADELINE_SMTP_HOST"}[way]
    with never_stops(settings, alert.run_id, f"alert by {way}", f"mend {variable}; the next alert is sent so"):
        try:
            send()
        except Exception as error:
            # Not the address: a webhook's often holds a secret.
            raise TradelineError(f"it could not be sent by {way}: {type(error).__name__}") from None
        log.info("alert sent by %s", way)


def _post(url: str, alert: Alert) -> None:
    if not url.startswith(("http://", "https://")):
        raise ValueError("a webhook is an http or https address")
    content = json.dumps({"text": f"{alert.subject}: {alert.error}", **asdict(alert)}).encode()
    request = urllib.request.Request(url, content, {"Content-Type": "application/json"})  # noqa: S310  checked above
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
        pass


def _mail(settings: Settings, address: str, alert: Alert) -> None:
    message = EmailMessage()
    message["Subject"], message["To"] = alert.subject, address
    message["From"] = f"tradeline@{socket.gethostname()}"
    message.set_content(f"{alert.error}\n\nrun {alert.run_id}\n{alert.log_url}\n")
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, socket.gethostname(), TIMEOUT_SECONDS) as server:
        server.send_message(message)
