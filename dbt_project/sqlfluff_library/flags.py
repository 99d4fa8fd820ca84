"""What sqlfluff puts in the place of dbt's flags."""

FULL_REFRESH = False
