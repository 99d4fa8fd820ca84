{% macro tenure_features() -%}
    cast({{ dbt.datediff("sellers.registered_on", "spine.as_of", "day") }} as bigint) as tenure_days,
    cast(series.days_since_last_sale as bigint) as days_since_last_sale,
    sellers.seller_type,
    sellers.industry,
    sellers.region,
    sellers.status as seller_status
{%- endmacro %}
