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
        {% for window in [30, 90, 180, 365] -%}
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
        {% for window in [7, 30, 90, 180, 365] -%}
            cast(sales.sales_amount_{{ window }}d as decimal(18, 2)) as sales_amount_{{ window }}d,
            cast(sales.orders_{{ window }}d as bigint) as orders_{{ window }}d,
        {% endfor -%}
        {% for window in [30, 90, 365] -%}
            {{ ratio("sales.sales_amount_" ~ window ~ "d", "sales.orders_" ~ window ~ "d") }}
                as average_order_amount_{{ window }}d,
        {% endfor -%}
        {% for window in [30, 90, 180, 365] -%}
            cast(series.active_days_{{ window }}d as bigint) as active_days_{{ window }}d,
            net.net_sales_amount_{{ window }}d,
        {% endfor -%}
        {% for window in [90, 365] -%}
            {{ ratio("net.net_sales_amount_" ~ window ~ "d", "sales.sales_amount_" ~ window ~ "d") }}
                as net_sales_ratio_{{ window }}d,
        {% endfor -%}
        amounts.median_order_amount_30d,
        amounts.median_order_amount_90d
    from spine
    left join sales on sales.seller_id = spine.seller_id and sales.as_of = spine.as_of
    left join net on net.seller_id = spine.seller_id and net.as_of = spine.as_of
    left join series on series.seller_id = spine.seller_id and series.as_of = spine.as_of
    left join amounts on amounts.seller_id = spine.seller_id and amounts.as_of = spine.as_of
)

select * from final
