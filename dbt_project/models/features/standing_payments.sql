{#
Standing payments: what goes to one counterparty month by month. Told by three or more days of 120 that lie 25 to 36 days
apart, the last of them at most 36 days ago, whose amounts differ by a tenth of the smallest at most.
#}
with days as (
    {{ known_events(ref("int_counterparty_days"), 120) }}
),

paid as (
    select
        seller_id,
        as_of,
        counterparty_id,
        age_days,
        cast(sum(outflow_amount) as decimal(18, 2)) as amount
    from days
    where payments_out <> 0 or outflow_amount <> 0
    group by seller_id, as_of, counterparty_id, age_days
    having sum(payments_out) > 0 and sum(outflow_amount) > 0
),

stepped as (
    select
        *,
        age_days - lag(age_days) over (partition by seller_id, as_of, counterparty_id order by age_days) as step_days,
        row_number() over (partition by seller_id, as_of, counterparty_id order by age_days) as place
    from paid
),

standing as (
    select
        seller_id,
        as_of,
        counterparty_id,
        max(case when place = 1 then amount end) as amount
    from stepped
    group by seller_id, as_of, counterparty_id
    having
        count(*) >= 3
        and min(step_days) >= 25
        and max(step_days) <= 36
        and min(age_days) <= 36
        and 10 * max(amount) <= 11 * min(amount)
),

final as (
    select
        seller_id,
        as_of,
        count(*) as standing_payments_120d,
        cast(sum(amount) as decimal(18, 2)) as standing_amount_120d,
        max(amount) as largest_standing_amount_120d
    from standing
    group by seller_id, as_of
)

select * from final
