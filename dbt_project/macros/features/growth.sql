{% macro growth_features() -%}
    {{ ratio("sales.sales_amount_30d", "sales.sales_amount_60d - sales.sales_amount_30d") }} - 1 as sales_growth_30d,
    {{ ratio("sales.sales_amount_90d", "sales.sales_amount_180d - sales.sales_amount_90d") }} - 1 as sales_growth_90d,
    {{ ratio("sales.orders_90d", "sales.orders_180d - sales.orders_90d") }} - 1 as orders_growth_90d,
    {{ ratio("sales.sales_amount_30d", "sales.sales_amount_90d") }} as recent_sales_share_90d,
    {{ ratio("sales.sales_amount_90d", "sales.sales_amount_365d") }} as recent_sales_share_365d
{%- endmacro %}
