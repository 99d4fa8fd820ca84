with spine as (
    select * from {{ ref("feature_spine") }}
),

sales as (
    select * from {{ ref("sales_windows") }}
),

weeks as (
    select * from {{ ref("sales_weeks") }}
),

seasons as (
    select * from {{ ref("sales_seasons") }}
),

seller_industry as (
    select * from {{ ref("seller_industry") }}
),

industry as (
    select * from {{ ref("industry_windows") }}
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        {% for before, window in [(60, 30), (180, 90)] -%}
            {%- set sales_growth = ratio(
                "sales.sales_amount_" ~ window ~ "d",
                "sales.sales_amount_" ~ before ~ "d - sales.sales_amount_" ~ window ~ "d"
            ) -%}
            {%- set industry_growth = ratio(
                "industry.sales_amount_" ~ window ~ "d",
                "industry.sales_amount_" ~ before ~ "d - industry.sales_amount_" ~ window ~ "d"
            ) -%}
            {{ sales_growth }} - 1 as sales_growth_{{ window }}d,
            {{ ratio(
                "sales.orders_" ~ window ~ "d", "sales.orders_" ~ before ~ "d - sales.orders_" ~ window ~ "d"
            ) }} - 1 as orders_growth_{{ window }}d,
            {{ ratio(sales_growth, industry_growth) }} - 1 as sales_growth_against_industry_{{ window }}d,
            {{ ratio(
                "seasons.regular_daily_amount_" ~ window ~ "d", "seasons.regular_daily_amount_before_" ~ window ~ "d"
            ) }} - 1 as regular_sales_growth_{{ window }}d,
        {% endfor -%}
        {{ ratio("sales.sales_amount_30d", "sales.sales_amount_395d - sales.sales_amount_365d") }} - 1
            as sales_growth_year_on_year_30d,
        {{ ratio(
            ratio("sales.sales_amount_90d", "sales.orders_90d"),
            ratio("sales.sales_amount_180d - sales.sales_amount_90d", "sales.orders_180d - sales.orders_90d")
        ) }} - 1 as average_order_amount_growth_90d,
        {{ ratio("sales.sales_amount_30d", "sales.sales_amount_90d") }} as recent_sales_share_90d,
        {{ ratio("sales.sales_amount_90d", "sales.sales_amount_365d") }} as recent_sales_share_365d,
        weeks.weekly_sales_log_slope_90d
    from spine
    left join sales on sales.seller_id = spine.seller_id and sales.as_of = spine.as_of
    left join weeks on weeks.seller_id = spine.seller_id and weeks.as_of = spine.as_of
    left join seasons on seasons.seller_id = spine.seller_id and seasons.as_of = spine.as_of
    left join seller_industry
        on seller_industry.seller_id = spine.seller_id and seller_industry.as_of = spine.as_of
    left join industry on industry.industry = seller_industry.industry and industry.as_of = seller_industry.as_of
)

select * from final
