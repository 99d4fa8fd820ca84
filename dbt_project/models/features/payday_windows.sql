{#
Days on which a salary or a settlement came in, and the stretches between them. A stretch that the window cuts counts as
far as it lies within.
#}
{%- set windows = windows_of("paydays") -%}
with days as (
    {{ known_events(ref("int_payment_days"), windows[-1]) }}
),

paydays as (
    select
        seller_id,
        as_of,
        age_days
    from days
    where pay_payments <> 0
    group by seller_id, as_of, age_days
    having sum(pay_payments) > 0
),

-- next_days: days until the next payday; of the last one, until as_of.
followed as (
    select
        *,
        age_days - lag(age_days) over (partition by seller_id, as_of order by age_days) as next_days,
        age_days - 1 - coalesce(lag(age_days) over (partition by seller_id, as_of order by age_days), -1) as gap_days
    from paydays
),

final as (
    select
        seller_id,
        {% for window in windows -%}
            count(case when age_days < {{ window_days(window) }} then 1 end) as paydays_{{ suffix(window) }},
        {% endfor -%}
        {% for window in windows_of("longest_payday_gap_days") -%}
            greatest(
                max(case when age_days < {{ window }} then gap_days end),
                {{ window }} - 1 - max(case when age_days < {{ window }} then age_days end)
            ) as longest_payday_gap_days_{{ window }}d,
        {% endfor -%}
        {% for window in windows_of("payday_variation_ratio") -%}
            {%- set is_within = "age_days < " ~ window -%}
            count(case when {{ is_within }} then next_days end) as payday_steps_{{ window }}d,
            sum(case when {{ is_within }} then next_days end) as payday_step_sum_{{ window }}d,
            sum(case when {{ is_within }} then next_days * next_days end) as payday_step_square_sum_{{ window }}d,
        {% endfor -%}
        as_of
    from followed
    group by seller_id, as_of
)

select * from final
