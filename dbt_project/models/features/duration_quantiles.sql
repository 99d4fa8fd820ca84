-- Exact quantiles from how often each number of whole hours occurred.
with spine as (
    select * from {{ ref("feature_spine") }}
),

days as (
    {{ known_events(ref("int_duration_days"), 180) }}
),

durations as (
    select
        seller_id,
        as_of,
        duration,
        hours,
        sum(occurrences) as occurrences
    from days
    where duration = 'refund' or age_days < 90
    group by seller_id, as_of, duration, hours
    having sum(occurrences) > 0
),

ranked as (
    select
        *,
        sum(occurrences) over (
            partition by seller_id, as_of, duration
            order by hours
            rows between unbounded preceding and current row
        ) as up_to,
        sum(occurrences) over (partition by seller_id, as_of, duration) as total
    from durations
),

quantiles as (
    select
        seller_id,
        as_of,
        duration,
        min(case when 2 * up_to >= total then hours end) as lower_median,
        min(case when 2 * up_to > total then hours end) as upper_median,
        min(case when 10 * up_to >= 9 * total then hours end) as slow
    from ranked
    group by seller_id, as_of, duration
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        {{ ratio("ship.lower_median + ship.upper_median", 48) }} as median_ship_days_90d,
        {{ ratio("ship.slow", 24) }} as slow_ship_days_90d,
        {{ ratio("refund.lower_median + refund.upper_median", 48) }} as median_refund_days_180d
    from spine
    left join quantiles as ship
        on ship.seller_id = spine.seller_id and ship.as_of = spine.as_of and ship.duration = 'ship'
    left join quantiles as refund
        on refund.seller_id = spine.seller_id and refund.as_of = spine.as_of and refund.duration = 'refund'
)

select * from final
