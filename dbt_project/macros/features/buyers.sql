{% macro buyer_features() -%}
    {% for window in [30, 90, 365] -%}
    case when presence.has_orders then coalesce(buyers.buyers_{{ window }}d, 0) end as buyers_{{ window }}d,
    {% endfor -%}
    {% for window in [90, 365] -%}
    {{ ratio("buyers.repeat_buyers_" ~ window ~ "d", "buyers.buyers_" ~ window ~ "d") }}
        as repeat_buyer_share_{{ window }}d,
    {{ ratio("buyers.top_buyer_amount_" ~ window ~ "d", "orders.paid_amount_" ~ window ~ "d") }}
        as top_buyer_share_{{ window }}d,
    {% endfor -%}
    {{ ratio("orders.orders_paid_90d", "buyers.buyers_90d") }} as orders_per_buyer_ratio_90d
{%- endmacro %}
