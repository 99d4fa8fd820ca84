{%- set windows = windows_of("longest_gap_days", "best_5_days_share") -%}
with spine as (
    select * from {{ ref("feature_spine") }}
),

presence as (
    select * from {{ ref("feature_presence") }}
),

days as (
    select * from {{ ref("sales_by_day") }}
),

gaps as (
    select
        seller_id,
        as_of,
        age_days,
        age_days - 1 - coalesce(lag(age_days) over (partition by seller_id, as_of order by age_days), -1) as gap_days
    from days
),

by_gap as (
    select
        seller_id,
        as_of,
        {% for window in windows -%}
            greatest(
                max(case when age_days < {{ window }} then gap_days end),
                {{ window }} - 1 - max(case when age_days < {{ window }} then age_days end)
            ) as longest_gap_days_{{ window }}d,
        {% endfor -%}
        {% for window in windows_of("active_days") -%}
            count(case when age_days < {{ window }} then 1 end) as active_days_{{ window }}d,
        {% endfor -%}
        min(age_days) as days_since_last_sale,
        max(age_days) as days_since_first_sale
    from gaps
    group by seller_id, as_of
),

-- Of two equal days the later one is the better.
ranked as (
    select
        seller_id,
        as_of,
        {% for window in windows -%}
            sum(case when age_days < {{ window }} then 1 else 0 end) over (
                partition by seller_id, as_of order by sales_amount desc, age_days asc
                rows between unbounded preceding and current row
            ) as best_{{ window }}d,
        {% endfor -%}
        age_days,
        sales_amount
    from days
),

by_rank as (
    select
        seller_id,
        {% for window in windows -%}
            sum(case when age_days < {{ window }} and best_{{ window }}d <= 5 then sales_amount end)
                as best_5_days_amount_{{ window }}d,
        {% endfor -%}
        as_of
    from ranked
    group by seller_id, as_of
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        {% for window in windows_of("active_days") -%}
            case when presence.has_sales then coalesce(by_gap.active_days_{{ window }}d, 0) end
                as active_days_{{ window }}d,
        {% endfor -%}
        {% for window in windows -%}
            case when presence.has_sales then coalesce(by_gap.longest_gap_days_{{ window }}d, {{ window }}) end
                as longest_gap_days_{{ window }}d,
            by_rank.best_5_days_amount_{{ window }}d,
        {% endfor -%}
        by_gap.days_since_first_sale,
        by_gap.days_since_last_sale
    from spine
    inner join presence on presence.as_of = spine.as_of
    left join by_gap on by_gap.seller_id = spine.seller_id and by_gap.as_of = spine.as_of
    left join by_rank on by_rank.seller_id = spine.seller_id and by_rank.as_of = spine.as_of
)

select * from final
