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
        {{ ratio("seasons.promotion_amount_90d", "sales.sales_amount_90d") }} as promotion_sales_share_90d,
        {{ ratio("seasons.promotion_amount_365d", "sales.sales_amount_365d") }} as promotion_sales_share_365d,
        {{ ratio("seasons.weekend_amount_90d", "sales.sales_amount_90d") }} as weekend_sales_share_90d,
        -- Null without sales in the month before that year: records may begin within it.
        {% for name, record in {"industry": "industry", "own": "sales"}.items() -%}
            case
                when {{ record }}.sales_amount_395d > {{ record }}.sales_amount_365d
                    then {{ ratio(
                        "365 * (" ~ record ~ ".sales_amount_365d - " ~ record ~ ".sales_amount_275d)",
                        "90 * " ~ record ~ ".sales_amount_365d"
                    ) }}
            end as {{ name }}_season_ratio_90d,
        {% endfor -%}
        weeks.largest_month_share_365d
    from spine
    left join sales on sales.seller_id = spine.seller_id and sales.as_of = spine.as_of
    left join weeks on weeks.seller_id = spine.seller_id and weeks.as_of = spine.as_of
    left join seasons on seasons.seller_id = spine.seller_id and seasons.as_of = spine.as_of
    left join seller_industry
        on seller_industry.seller_id = spine.seller_id and seller_industry.as_of = spine.as_of
    left join industry on industry.industry = seller_industry.industry and industry.as_of = seller_industry.as_of
)

select * from final
