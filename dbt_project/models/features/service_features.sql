with spine as (
    select * from {{ ref("feature_spine") }}
),

sales as (
    select * from {{ ref("sales_windows") }}
),

orders as (
    select * from {{ ref("order_windows") }}
),

refunds as (
    select * from {{ ref("refund_windows") }}
),

durations as (
    select * from {{ ref("duration_quantiles") }}
),

rates as (
    select
        spine.seller_id,
        spine.as_of,
        {% for window in [30, 90, 365] -%}
            {{ ratio("orders.orders_cancelled_" ~ window ~ "d", "orders.orders_placed_" ~ window ~ "d") }}
                as cancellation_rate_{{ window }}d,
            {{ ratio("orders.orders_shipped_late_" ~ window ~ "d", "orders.orders_shipped_" ~ window ~ "d") }}
                as late_shipment_rate_{{ window }}d,
            {{ ratio("orders.orders_delivered_late_" ~ window ~ "d", "orders.orders_promised_" ~ window ~ "d") }}
                as late_delivery_rate_{{ window }}d,
            {{ ratio("refunds.refunds_" ~ window ~ "d", "sales.orders_" ~ window ~ "d") }} as refund_rate_{{ window }}d,
        {% endfor -%}
        {% for window in [90, 365] -%}
            {{ ratio("orders.cancelled_amount_" ~ window ~ "d", "orders.placed_amount_" ~ window ~ "d") }}
                as cancellation_amount_rate_{{ window }}d,
            {{ ratio("orders.orders_cancelled_paid_" ~ window ~ "d", "orders.orders_paid_" ~ window ~ "d") }}
                as paid_cancellation_rate_{{ window }}d,
            {{ ratio("orders.shipped_late_amount_" ~ window ~ "d", "orders.shipped_amount_" ~ window ~ "d") }}
                as late_shipment_amount_rate_{{ window }}d,
            {{ ratio("orders.delivered_late_amount_" ~ window ~ "d", "orders.promised_amount_" ~ window ~ "d") }}
                as late_delivery_amount_rate_{{ window }}d,
            {{ ratio("orders.ship_seconds_" ~ window ~ "d", "86400 * orders.orders_shipped_" ~ window ~ "d") }}
                as ship_days_{{ window }}d,
            {{ ratio("orders.delivery_seconds_" ~ window ~ "d", "86400 * orders.orders_delivered_" ~ window ~ "d") }}
                as delivery_days_{{ window }}d,
            {{ ratio("refunds.refund_amount_" ~ window ~ "d", "sales.sales_amount_" ~ window ~ "d") }}
                as refund_amount_rate_{{ window }}d,
            {{ ratio("refunds.disputes_" ~ window ~ "d", "sales.orders_" ~ window ~ "d") }}
                as dispute_rate_{{ window }}d,
        {% endfor -%}
        {{ ratio("refunds.dispute_amount_365d", "sales.sales_amount_365d") }} as dispute_amount_rate_365d,
        {{ ratio("refunds.quality_refunds_365d", "sales.orders_365d") }} as quality_refund_rate_365d,
        {{ ratio("refunds.not_received_refunds_365d", "sales.orders_365d") }} as not_received_refund_rate_365d
    from spine
    left join sales on sales.seller_id = spine.seller_id and sales.as_of = spine.as_of
    left join orders on orders.seller_id = spine.seller_id and orders.as_of = spine.as_of
    left join refunds on refunds.seller_id = spine.seller_id and refunds.as_of = spine.as_of
),

final as (
    select
        rates.*,
        rates.cancellation_rate_90d - rates.cancellation_rate_365d as cancellation_rate_change_90d,
        rates.refund_rate_90d - rates.refund_rate_365d as refund_rate_change_90d,
        durations.median_ship_days_90d,
        durations.slow_ship_days_90d,
        durations.median_refund_days_180d
    from rates
    left join durations on durations.seller_id = rates.seller_id and durations.as_of = rates.as_of
)

select * from final
