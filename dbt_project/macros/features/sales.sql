{% macro sales_features() -%}
    {% for window in [7, 30, 90, 180, 365] -%}
    cast(sales.sales_amount_{{ window }}d as decimal(18, 2)) as sales_amount_{{ window }}d,
    {% endfor -%}
    {% for window in [7, 30, 90, 180, 365] -%}
    cast(sales.orders_{{ window }}d as bigint) as orders_{{ window }}d,
    {% endfor -%}
    {% for window in [30, 90, 365] -%}
    {{ ratio("sales.sales_amount_" ~ window ~ "d", "sales.orders_" ~ window ~ "d") }} as average_order_amount_{{ window }}d,
    {% endfor -%}
    {% for window in [30, 90, 365] -%}
    cast(series.active_days_{{ window }}d as bigint) as active_days_{{ window }}d{{ "," if not loop.last }}
    {% endfor -%}
{%- endmacro %}
