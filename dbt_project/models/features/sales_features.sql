with spine as (
    select * from {{ ref("feature_spine") }}
),

presence as (
    select * from {{ ref("feature_presence") }}
),

sales as (
    select * from {{ ref("sales_windows") }}
),

refunds as (
    select * from {{ ref("refund_windows") }}
),

series as (
    select * from {{ ref("sales_series") }}
),

amounts as (
    select * from {{ ref("order_amounts") }}
),

-- A refund of a deployment without orders is among the payments already, as money returned.
net as (
    select
        sales.seller_id,
        {% for window in windows_of("net_sales_amount", "net_sales_ratio") -%}
            cast(
                sales.sales_amount_{{ window }}d - sales.returned_amount_{{ window }}d
                - case when presence.has_orders then refunds.refund_amount_{{ window }}d else 0 end
                as decimal(18, 2)
            ) as net_sales_amount_{{ window }}d,
        {% endfor -%}
        sales.as_of
    from sales
    inner join presence on presence.as_of = sales.as_of
    left join refunds on refunds.seller_id = sales.seller_id and refunds.as_of = sales.as_of
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        {{ sum_features("sales_amount", "sales.sales_amount", "decimal(18, 2)") }},
        {{ sum_features("orders", "sales.orders", "bigint") }},
        {{ ratio_features("average_order_amount", "sales.sales_amount", "sales.orders") }},
        {{ sum_features("active_days", "series.active_days", "bigint") }},
        {{ sum_features("net_sales_amount", "net.net_sales_amount", "decimal(18, 2)") }},
        {{ ratio_features("net_sales_ratio", "net.net_sales_amount", "sales.sales_amount") }},
        {{ sum_features("median_order_amount", "amounts.median_order_amount", "double") }}
    from spine
    left join sales on sales.seller_id = spine.seller_id and sales.as_of = spine.as_of
    left join net on net.seller_id = spine.seller_id and net.as_of = spine.as_of
    left join series on series.seller_id = spine.seller_id and series.as_of = spine.as_of
    left join amounts on amounts.seller_id = spine.seller_id and amounts.as_of = spine.as_of
)

select * from final
