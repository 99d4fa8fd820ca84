-- Randomness that depends on what it is for, never on the order of work: a number from a key and a salt.
-- hash() is DuckDB's own and stays the same within the pinned version.
-- DuckDB only xors the hashes of several values, so they are hashed once more: salts must not hang together.
create macro mixed(key, salt) as hash(hash(key, salt));
create macro uniform(key, salt) as (mixed(key, salt) >> 11) * (1.0 / 9007199254740992.0);
-- Nearly normal, from four 16-bit parts of one hash (Irwin-Hall); cut at 3.46.
create macro normal(key, salt) as (
    ((mixed(key, salt) & 65535) + ((mixed(key, salt) >> 16) & 65535) + ((mixed(key, salt) >> 32) & 65535)
        + (mixed(key, salt) >> 48)) / 65536.0 - 2
) * 1.7320508;
create macro share(log_odds) as 1 / (1 + exp(-(log_odds)));
create macro logit(p) as ln((p) / (1 - (p)));
create macro day_of(second) as (second // 86400)::integer;
-- Days by which the platform hears late of something.
create macro lateness(key, salt) as
    if(uniform(key, salt) < getvariable('late_arrival_share'), 1 + (mixed(key, salt) % 7)::integer, 0);
-- The market lives by the clocks of the business time zone and is told in UTC. A day on which clocks change is stretched
-- or shortened as a whole, so that nothing falls into an hour that there is not, or changes its order.
create macro clock(second) as make_timestamp(getvariable('first_second') * 1000000 + second * 1000000);
create macro starts_at(day) as timezone('UTC', timezone(getvariable('zone'), day::timestamp));
create macro on_clock(shown) as
    starts_at(shown::date) + to_seconds(
        date_diff('second', shown::date::timestamp, shown)
        * date_diff('second', starts_at(shown::date), starts_at(shown::date + 1)) // 86400
    );
create macro moment(second) as if(getvariable('zone') = 'UTC', clock(second), on_clock(clock(second)));
create macro on_day(day) as (getvariable('first_on')::date + day::integer);
create macro money(cents) as (cents / 100.0)::decimal(18, 2);
create macro seller_name(number) as 'S' || lpad((number + 1)::varchar, 6, '0');
create macro order_name(number) as 'O' || number;
create macro buyer_name(number) as 'B' || number;
create macro loan_name(number) as 'L' || lpad(number::varchar, 7, '0');
