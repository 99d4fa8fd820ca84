"""When the DAGs run, as cron in the business time zone."""

NIGHTLY = "0 2 * * *"
MONTHLY = "0 4 1 * *"
