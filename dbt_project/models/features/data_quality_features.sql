with spine as (
    select * from {{ ref("feature_spine") }}
),

presence as (
    select * from {{ ref("feature_presence") }}
),

observed as (
    select * from {{ ref("data_quality_observed_days") }}
),

orders as (
    select * from {{ ref("order_windows") }}
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        cast(presence.landed_nights_90d as bigint) as landed_nights_90d,
        cast(presence.landed_nights_365d as bigint) as landed_nights_365d,
        {% for window in [30, 90, 365] -%}
            cast(observed.observed_days_{{ window }}d as bigint) as observed_days_{{ window }}d,
        {% endfor -%}
        {% for window in [90, 365] -%}
            {{ ratio("orders.orders_arrived_late_" ~ window ~ "d", "orders.orders_arrived_" ~ window ~ "d") }}
                as late_arrival_share_{{ window }}d,
        {% endfor -%}
        presence.missing_tables,
        presence.has_orders,
        presence.has_payments,
        presence.has_refunds,
        presence.has_reviews,
        presence.has_loans
    from spine
    inner join presence on presence.as_of = spine.as_of
    inner join observed on observed.seller_id = spine.seller_id and observed.as_of = spine.as_of
    left join orders on orders.seller_id = spine.seller_id and orders.as_of = spine.as_of
)

select * from final
