{% macro service_features() -%}
    {% for window in [30, 90, 365] -%}
    {{ ratio("orders.orders_cancelled_" ~ window ~ "d", "orders.orders_placed_" ~ window ~ "d") }}
        as cancellation_rate_{{ window }}d,
    {% endfor -%}
    {% for window in [30, 90, 365] -%}
    {{ ratio("orders.orders_delivered_late_" ~ window ~ "d", "orders.orders_promised_" ~ window ~ "d") }}
        as late_delivery_rate_{{ window }}d,
    {% endfor -%}
    {% for window in [90, 365] -%}
    {{ ratio("orders.ship_seconds_" ~ window ~ "d", "86400 * orders.orders_shipped_" ~ window ~ "d") }}
        as ship_days_{{ window }}d,
    {{ ratio("orders.delivery_seconds_" ~ window ~ "d", "86400 * orders.orders_delivered_" ~ window ~ "d") }}
        as delivery_days_{{ window }}d,
    {% endfor -%}
    {% for window in [90, 365] -%}
    {{ ratio("refunds.refunds_" ~ window ~ "d", "sales.orders_" ~ window ~ "d") }} as refund_rate_{{ window }}d,
    {{ ratio("refunds.refund_amount_" ~ window ~ "d", "sales.sales_amount_" ~ window ~ "d") }}
        as refund_amount_rate_{{ window }}d,
    {% endfor -%}
    {{ ratio("refunds.disputes_365d", "sales.orders_365d") }} as dispute_rate_365d
{%- endmacro %}
