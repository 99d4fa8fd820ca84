{#
Balances at the close of every day, without a row for every day: a reported balance counts for the days that it stands,
until another is reported, for 180 days at most.
#}
{%- set windows = windows_of(
    "lowest_balance_amount", "mean_balance_amount", "negative_balance_days", "low_balance_days",
    "standing_shortfall_days", "month_end_balance_amount", "month_end_balance_ratio"
) -%}
{%- set month_end_windows = windows_of("month_end_balance_amount", "month_end_balance_ratio") -%}
with spine as (
    -- Rows are numbered, so that millions of balances are sorted by a number and not by names.
    select
        seller_id,
        as_of,
        {% for window in month_end_windows -%}
            {{ month_end_days_until(dbt.dateadd("day", -window_days(window), "as_of")) }}
                as month_end_days_before_{{ suffix(window) }},
        {% endfor -%}
        row_number() over (order by seller_id, as_of) as place
    from {{ ref("feature_spine") }}
),

days as (
    select * from {{ ref("int_balance_days") }}
),

flows as (
    select * from {{ ref("flow_windows") }}
),

standing as (
    select * from {{ ref("standing_payments") }}
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
    inner join days on days.seller_id = spine.seller_id and {{ is_known_event(window=window_days(windows[-1]) + 180) }}
),

-- The last version of each day; a day that was left without a balance lets the one before it stand.
closings as (
    select
        place,
        balance_amount,
        age_days + 1 as begun_days,
        coalesce(lead(age_days) over (partition by place order by age_days desc) + 1, 0) as next_days
    from versions
    where balance_amount is not null and next_age_days is distinct from age_days
),

stood as (
    select
        closings.place,
        closings.balance_amount,
        closings.begun_days,
        greatest(closings.next_days, closings.begun_days - 180) as ended_days
    from closings
),

dated as (
    select
        stood.*,
        {{ month_end_days_until(dbt.dateadd("day", "-begun_days", "spine.as_of")) }} as month_end_days_before,
        {{ month_end_days_until(dbt.dateadd("day", "-ended_days", "spine.as_of")) }} as month_end_days_until,
        {% for window in month_end_windows -%}
            spine.month_end_days_before_{{ suffix(window) }},
        {% endfor -%}
        spine.as_of
    from stood
    inner join spine on spine.place = stood.place
),

weighted as (
    select
        place,
        balance_amount,
        {% for window in windows -%}
            greatest(least(begun_days, {{ window_days(window) }}) - ended_days, 0) as days_{{ suffix(window) }},
        {% endfor -%}
        {% for window in month_end_windows -%}
            greatest(
                month_end_days_until - greatest(month_end_days_before, month_end_days_before_{{ suffix(window) }}), 0
            ) as month_end_days_{{ suffix(window) }},
        {% endfor -%}
        ended_days
    from dated
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
        {% for window in windows -%}
            {%- set days = "ranked.days_" ~ suffix(window) -%}
            {%- set is_short = "ranked.balance_amount < standing.largest_standing_amount_120d" -%}
            min(case when {{ days }} > 0 then ranked.balance_amount end)
                as lowest_balance_amount_{{ suffix(window) }},
            sum(ranked.balance_amount * {{ days }}) as balance_day_sum_{{ suffix(window) }},
            sum({{ days }}) as balance_days_{{ suffix(window) }},
            case
                when sum({{ days }}) > 0 then sum(case when ranked.balance_amount < 0 then {{ days }} else 0 end)
            end as negative_balance_days_{{ suffix(window) }},
            case
                when sum({{ days }}) > 0 and max(standing.largest_standing_amount_120d) is not null
                    then
                        sum(case when {{ is_short }} then {{ days }} else 0 end)
            end as standing_shortfall_days_{{ suffix(window) }},
        {% endfor -%}
        {% for window in windows_of("low_balance_days") -%}
            {%- set is_low = window ~ " * ranked.balance_amount < 7 * flows.outflow_amount_" ~ suffix(window) -%}
            case
                when sum(ranked.days_{{ suffix(window) }}) > 0
                    then sum(case when {{ is_low }} then ranked.days_{{ suffix(window) }} else 0 end)
            end as low_balance_days_{{ suffix(window) }},
        {% endfor -%}
        {% for window in month_end_windows -%}
            {%- set days = "ranked.month_end_days_" ~ suffix(window) -%}
            min(case when {{ days }} > 0 then ranked.balance_amount end)
                as month_end_balance_amount_{{ suffix(window) }},
            sum(ranked.balance_amount * {{ days }}) as month_end_balance_sum_{{ suffix(window) }},
            sum({{ days }}) as month_end_days_{{ suffix(window) }},
        {% endfor -%}
        min(
            case
                when ranked.days_90d > 0 and 20 * ranked.days_up_to_balance >= ranked.known_days
                    then ranked.balance_amount
            end
        ) as low_balance_amount_90d
    from ranked
    inner join spine on spine.place = ranked.place
    inner join flows on flows.seller_id = spine.seller_id and flows.as_of = spine.as_of
    left join standing on standing.seller_id = spine.seller_id and standing.as_of = spine.as_of
    group by spine.seller_id, spine.as_of
)

select * from final
