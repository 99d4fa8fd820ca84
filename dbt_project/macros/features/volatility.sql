{% macro volatility_features() -%}
    series.weekly_sales_variation_ratio_90d,
    series.weekly_sales_variation_ratio_365d,
    cast(series.longest_gap_days_90d as bigint) as longest_gap_days_90d,
    {{ ratio("series.best_5_days_amount_90d", "sales.sales_amount_90d") }} as best_5_days_share_90d
{%- endmacro %}
