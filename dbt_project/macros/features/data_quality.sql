{% macro data_quality_features() -%}
    cast(presence.landed_nights_90d as bigint) as landed_nights_90d,
    cast(presence.landed_nights_365d as bigint) as landed_nights_365d,
    {{ ratio("orders.orders_arrived_late_90d", "orders.orders_arrived_90d") }} as late_arrival_share_90d,
    presence.has_orders,
    presence.has_payments,
    presence.has_refunds,
    presence.has_reviews,
    presence.has_loans
{%- endmacro %}
