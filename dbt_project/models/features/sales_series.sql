{%- set windows = windows_of("longest_gap_days") -%}
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
        sales_amount,
        age_days - 1 - coalesce(lag(age_days) over (partition by seller_id, as_of order by age_days), -1) as gap_days
    from days
),

by_seller as (
    select
        seller_id,
        as_of,
        {% for window in windows -%}
            greatest(
                max(case when age_days < {{ window }} then gap_days end),
                {{ window }} - 1 - max(case when age_days < {{ window }} then age_days end)
            ) as longest_gap_days_{{ window }}d,
        {% endfor -%}
        {% for window in windows_of("best_5_days_share") -%}
            {{ sum_of_largest("case when age_days < " ~ window ~ " then sales_amount end", 5) }}
                as best_5_days_amount_{{ window }}d,
        {% endfor -%}
        {% for window in windows_of("active_days") -%}
            count(case when age_days < {{ window }} then 1 end) as active_days_{{ window }}d,
        {% endfor -%}
        min(age_days) as days_since_last_sale,
        max(age_days) as days_since_first_sale
    from gaps
    group by seller_id, as_of
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        {% for window in windows_of("active_days") -%}
            case when presence.has_sales then coalesce(by_seller.active_days_{{ window }}d, 0) end
                as active_days_{{ window }}d,
        {% endfor -%}
        {% for window in windows -%}
            case when presence.has_sales then coalesce(by_seller.longest_gap_days_{{ window }}d, {{ window }}) end
                as longest_gap_days_{{ window }}d,
        {% endfor -%}
        {% for window in windows_of("best_5_days_share") -%}
            by_seller.best_5_days_amount_{{ window }}d,
        {% endfor -%}
        by_seller.days_since_first_sale,
        by_seller.days_since_last_sale
    from spine
    inner join presence on presence.as_of = spine.as_of
    left join by_seller on by_seller.seller_id = spine.seller_id and by_seller.as_of = spine.as_of
)

select * from final
