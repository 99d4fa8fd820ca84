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
    -- Rows are numbered, so that millions of balances are sorted and added up by a number and not by names.
    select
        spine.seller_id,
        spine.as_of,
        {% for window in month_end_windows -%}
            {{ month_end_days_until(days_before("spine.as_of", window_days(window))) }}
                as month_end_days_before_{{ suffix(window) }},
        {% endfor -%}
        {% for window in windows_of("low_balance_days") -%}
            flows.outflow_amount_{{ suffix(window) }},
        {% endfor -%}
        standing.largest_standing_amount_120d as standing_amount,
        cast(row_number() over (order by spine.seller_id, spine.as_of) as integer) as place
    from {{ ref("feature_spine") }} as spine
    inner join {{ ref("flow_windows") }} as flows
        on flows.seller_id = spine.seller_id and flows.as_of = spine.as_of
    left join {{ ref("standing_payments") }} as standing
        on standing.seller_id = spine.seller_id and standing.as_of = spine.as_of
),

versions as (
    select
        spine.place,
        days.event_on,
        days.balance_amount,
        cast({{ age_days() }} as integer) as age_days,
        lead(days.event_on) over (partition by spine.place order by days.event_on, days.arrived_on) as next_event_on
    from spine
    inner join {{ ref("int_balance_days") }} as days
        on days.seller_id = spine.seller_id and {{ is_known_event(window=window_days(windows[-1]) + 180) }}
),

-- The last version of each day; a day that was left without a balance lets the one before it stand.
followed as (
    select
        place,
        balance_amount,
        age_days + 1 as begun_days,
        coalesce(lead(age_days) over (partition by place order by age_days desc) + 1, 0) as next_days
    from versions
    where balance_amount is not null and next_event_on is distinct from event_on
),

stood as (
    select
        place,
        balance_amount,
        begun_days,
        greatest(next_days, begun_days - 180) as ended_days
    from followed
),

weighted as (
    select
        spine.*,
        stood.balance_amount,
        {% for window in windows -%}
            greatest(least(stood.begun_days, {{ window_days(window) }}) - stood.ended_days, 0)
                as days_{{ suffix(window) }},
        {% endfor -%}
        {% for window in month_end_windows -%}
            greatest(
                {{ month_end_days_until(days_before("spine.as_of", "stood.ended_days")) }}
                - greatest(
                    {{ month_end_days_until(days_before("spine.as_of", "stood.begun_days")) }},
                    spine.month_end_days_before_{{ suffix(window) }}
                ),
                0
            ) as month_end_days_{{ suffix(window) }},
        {% endfor -%}
        stood.ended_days
    from stood
    inner join spine on spine.place = stood.place
),

sums as (
    select
        max(case when ended_days = 0 then balance_amount end) as balance_amount,
        {% for window in windows -%}
            {%- set days = "days_" ~ suffix(window) -%}
            min(case when {{ days }} > 0 then balance_amount end) as lowest_balance_amount_{{ suffix(window) }},
            sum(balance_amount * {{ days }}) as balance_day_sum_{{ suffix(window) }},
            sum({{ days }}) as balance_days_{{ suffix(window) }},
            case
                when sum({{ days }}) > 0 then sum(case when balance_amount < 0 then {{ days }} else 0 end)
            end as negative_balance_days_{{ suffix(window) }},
            case
                when sum({{ days }}) > 0 and max(standing_amount) is not null
                    then sum(case when balance_amount < standing_amount then {{ days }} else 0 end)
            end as standing_shortfall_days_{{ suffix(window) }},
        {% endfor -%}
        {% for window in windows_of("low_balance_days") -%}
            {%- set is_low = window ~ " * balance_amount < 7 * outflow_amount_" ~ suffix(window) -%}
            case
                when sum(days_{{ suffix(window) }}) > 0
                    then sum(case when {{ is_low }} then days_{{ suffix(window) }} else 0 end)
            end as low_balance_days_{{ suffix(window) }},
        {% endfor -%}
        {% for window in month_end_windows -%}
            {%- set days = "month_end_days_" ~ suffix(window) -%}
            min(case when {{ days }} > 0 then balance_amount end) as month_end_balance_amount_{{ suffix(window) }},
            sum(balance_amount * {{ days }}) as month_end_balance_sum_{{ suffix(window) }},
            sum({{ days }}) as month_end_days_{{ suffix(window) }},
        {% endfor -%}
        place
    from weighted
    group by place
),

ranked as (
    select
        place,
        balance_amount,
        sum(least(begun_days, 90) - ended_days) over (partition by place) as known_days,
        sum(least(begun_days, 90) - ended_days) over (partition by place order by balance_amount) as days_up_to_balance
    from stood
    where ended_days < 90
),

lows as (
    select
        place,
        min(case when 20 * days_up_to_balance >= known_days then balance_amount end) as low_balance_amount_90d
    from ranked
    group by place
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        sums.balance_amount,
        {% for window in windows -%}
            {% for column in [
                "lowest_balance_amount", "balance_day_sum", "balance_days", "negative_balance_days",
                "standing_shortfall_days",
            ] -%}
                sums.{{ column }}_{{ suffix(window) }},
            {% endfor -%}
        {% endfor -%}
        {% for window in windows_of("low_balance_days") -%}
            sums.low_balance_days_{{ suffix(window) }},
        {% endfor -%}
        {% for window in month_end_windows -%}
            sums.month_end_balance_amount_{{ suffix(window) }},
            sums.month_end_balance_sum_{{ suffix(window) }},
            sums.month_end_days_{{ suffix(window) }},
        {% endfor -%}
        lows.low_balance_amount_90d
    from sums
    inner join spine on spine.place = sums.place
    left join lows on lows.place = sums.place
)

select * from final
