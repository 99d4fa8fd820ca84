"""What a person does to what is published: take a night back, make the file of readers anew."""

from datetime import date

from pipeline.steps.step import outside_the_warehouse, step
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings


def withdraw(settings: Settings, run_id: str, as_of: date, reason: str, by: str) -> str:
    """Take a published night from readers, on a person's word; what came of it in a line.

    Raises:
        BadInput: readers see nothing of that night, or the reason says nothing; neither is a failed step.
    """
    from expectations.waive import refuse_empty
    from serving.publish import readers_see
    from serving.publish import withdraw as take_back
    from tradeline.contracts.publications import find_publication

    refuse_empty(reason=reason, by=by)
    find_publication(settings, as_of)
    # Of a night that is still to come too: it is one of those that must not be read.
    with outside_the_warehouse(settings, run_id, "withdraw", [as_of]) as outcome, warehouse_lock(settings):
        publications = take_back(settings, as_of, reason, by)
        outcome.message = f"{as_of} is withdrawn by {by}: {reason}; {readers_see(publications)}"
    return outcome.message


def restore(settings: Settings, run_id: str) -> str:
    """Make ``marts.duckdb`` anew from what is kept beside it; what came of it in a line."""
    with step(settings, run_id, "restore", []) as outcome:
        from serving.publish import readers_see
        from serving.publish import restore as make_anew

        publications = make_anew(settings)
        outcome.message = (
            f"marts.duckdb is made anew with {len(publications):,} publications; {readers_see(publications)}"
        )
    return outcome.message
