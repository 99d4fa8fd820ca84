{#
Balances at the close of every day, without a row for every day: a reported balance counts for the days that it stands,
until another is reported. The one that stood when the window began is looked for in the 180 days up to as_of.
#}
with spine as (
    -- Rows are numbered, so that millions of balances are sorted by a number and not by names.
    select
        seller_id,
        as_of,
        row_number() over (order by seller_id, as_of) as place
    from {{ ref("feature_spine") }}
),

days as (
    select * from {{ ref("int_balance_days") }}
),

flows as (
    select * from {{ ref("flow_windows") }}
),

versions as (
    select
        spine.place,
        days.balance_amount,
        {{ age_days() }} as age_days,
        lead({{ age_days() }}) over (
            partition by spine.place order by days.event_on, days.arrived_on
        ) as next_age_days
    from spine
    inner join days on days.seller_id = spine.seller_id and {{ is_known_event(window=180) }}
),

-- The last version of each day; a day that was left without a balance lets the one before it stand.
closings as (
    select
        place,
        balance_amount,
        age_days + 1 as begun_days,
        coalesce(lead(age_days) over (partition by place order by age_days desc) + 1, 0) as ended_days
    from versions
    where balance_amount is not null and next_age_days is distinct from age_days
),

weighted as (
    select
        *,
        greatest(least(begun_days, 30) - ended_days, 0) as days_30d,
        least(begun_days, 90) - ended_days as days_90d
    from closings
    where ended_days < 90
),

ranked as (
    select
        *,
        sum(days_90d) over (partition by place) as known_days,
        sum(days_90d) over (partition by place order by balance_amount) as days_up_to_balance
    from weighted
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        max(case when ranked.ended_days = 0 then ranked.balance_amount end) as balance_amount,
        {% for window in [30, 90] -%}
            min(case when ranked.days_{{ window }}d > 0 then ranked.balance_amount end)
                as lowest_balance_amount_{{ window }}d,
            sum(ranked.balance_amount * ranked.days_{{ window }}d) as balance_day_sum_{{ window }}d,
            sum(ranked.days_{{ window }}d) as balance_days_{{ window }}d,
        {% endfor -%}
        min(case when 20 * ranked.days_up_to_balance >= ranked.known_days then ranked.balance_amount end)
            as low_balance_amount_90d,
        sum(case when 90 * ranked.balance_amount < 7 * flows.outflow_amount_90d then ranked.days_90d else 0 end)
            as low_balance_days_90d,
        sum(case when ranked.balance_amount < 0 then ranked.days_90d else 0 end) as negative_balance_days_90d
    from ranked
    inner join spine on spine.place = ranked.place
    inner join flows on flows.seller_id = spine.seller_id and flows.as_of = spine.as_of
    group by spine.seller_id, spine.as_of
)

select * from final
