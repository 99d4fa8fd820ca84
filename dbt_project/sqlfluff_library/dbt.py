"""What sqlfluff puts in the place of dbt's cross-database macros, to lint the SQL around them."""


def dateadd(datepart: str, interval: str, from_date_or_timestamp: str) -> str:
    """A date some time later."""
    return f"({from_date_or_timestamp} + {interval} * interval 1 {datepart})"


def datediff(first_date: str, second_date: str, datepart: str) -> str:
    """Whole units between two dates."""
    return f"date_diff('{datepart}', {first_date}, {second_date})"


def last_day(date: str, datepart: str) -> str:
    """The last day of a period."""
    return f"last_day({date}, '{datepart}')"


def generate_series(upper_bound: int) -> str:
    """The whole numbers from 1."""
    return f"select unnest(range(1, {upper_bound} + 1)) as generated_number"


def escape_single_quotes(text: object) -> str:
    """A text as it stands between single quotes."""
    return str(text).replace("'", "''")


def string_literal(text: str) -> str:
    """A text in single quotes."""
    return f"'{text}'"
