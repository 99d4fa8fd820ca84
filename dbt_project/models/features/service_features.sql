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
        {{ ratio_features("cancellation_rate", "orders.orders_cancelled", "orders.orders_placed") }},
        {{ ratio_features("cancellation_amount_rate", "orders.cancelled_amount", "orders.placed_amount") }},
        {{ ratio_features("paid_cancellation_rate", "orders.orders_cancelled_paid", "orders.orders_paid") }},
        {{ ratio_features("late_shipment_rate", "orders.orders_shipped_late", "orders.orders_shipped") }},
        {{ ratio_features("late_shipment_amount_rate", "orders.shipped_late_amount", "orders.shipped_amount") }},
        {{ ratio_features("late_delivery_rate", "orders.orders_delivered_late", "orders.orders_promised") }},
        {{ ratio_features("late_delivery_amount_rate", "orders.delivered_late_amount", "orders.promised_amount") }},
        {{ ratio_features("ship_days", "orders.ship_seconds", "86400 * orders.orders_shipped") }},
        {{ ratio_features("delivery_days", "orders.delivery_seconds", "86400 * orders.orders_delivered") }},
        {{ ratio_features("refund_rate", "refunds.refunds", "sales.orders") }},
        {{ ratio_features("refund_amount_rate", "refunds.refund_amount", "sales.sales_amount") }},
        {{ ratio_features("dispute_rate", "refunds.disputes", "sales.orders") }},
        {{ ratio_features("dispute_amount_rate", "refunds.dispute_amount", "sales.sales_amount") }},
        {{ ratio_features("quality_refund_rate", "refunds.quality_refunds", "sales.orders") }},
        {{ ratio_features("not_received_refund_rate", "refunds.not_received_refunds", "sales.orders") }}
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
