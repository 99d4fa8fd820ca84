"""Many markets as one training set: what the same recipe would learn from many more loans."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from tradeline.database import Limits, connect
from tradeline.sql import literal


def write_pool(learned: Sequence[Path], judged: Mapping[int, Path], first_on: date, target: Path) -> int:
    """Write one training set of the loans of ``learned`` markets that had matured by ``first_on``, and the loans of
    ``judged`` markets, by seed, that were decided from that day on; the number of the former.

    The split by time then learns from the former and is judged on the latter. Sellers get their market's name in front,
    as in ``of_market``, since each market numbers them anew.
    """
    parts = [
        _part(path, f"pool-{number}", f"matures_on <= date '{first_on}'") for number, path in enumerate(learned)
    ] + [_part(path, of_market(seed, ""), f"as_of >= date '{first_on}'") for seed, path in judged.items()]
    with connect(Limits(threads=2), spill=target.parent) as connection:
        connection.execute(
            f"copy (select * from ({' union all by name '.join(parts)}) order by as_of, seller_id) "
            f"to {literal(target)} (format parquet)"
        )
        [(count,)] = connection.execute(
            f"select count(*) from {literal(target)} where matures_on <= date '{first_on}'"
        ).fetchall()
    return int(count)


def of_market(seed: int, seller_id: str) -> str:
    """The name in the pool of a seller of a judged market."""
    return f"seed-{seed}-{seller_id}"


def _part(path: Path, prefix: str, condition: str) -> str:
    own_ids = f"select * replace ({literal(prefix)} || seller_id as seller_id)"
    return f"{own_ids} from read_parquet({literal(path)}) where {condition}"
