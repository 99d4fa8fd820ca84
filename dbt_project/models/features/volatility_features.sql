with spine as (
    select * from {{ ref("feature_spine") }}
),

sales as (
    select * from {{ ref("sales_windows") }}
),

series as (
    select * from {{ ref("sales_series") }}
),

weeks as (
    select * from {{ ref("sales_weeks") }}
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        {% for window in [90, 365] -%}
            weeks.weekly_sales_variation_ratio_{{ window }}d,
            weeks.weekly_sales_downside_ratio_{{ window }}d,
            weeks.largest_drawdown_share_{{ window }}d,
        {% endfor -%}
        {{ sum_features("longest_gap_days", "series.longest_gap_days", "bigint") }},
        {{ ratio_features("best_5_days_share", "series.best_5_days_amount", "sales.sales_amount") }},
        cast(weeks.weeks_without_sale_90d as bigint) as weeks_without_sale_90d
    from spine
    left join sales on sales.seller_id = spine.seller_id and sales.as_of = spine.as_of
    left join series on series.seller_id = spine.seller_id and series.as_of = spine.as_of
    left join weeks on weeks.seller_id = spine.seller_id and weeks.as_of = spine.as_of
)

select * from final
