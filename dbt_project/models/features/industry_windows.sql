{{ window_sums(
    ref("int_industry_days"), industry_measures(), "has_sales",
    condition="coalesce(days.sales_source, presence.sales_source) = presence.sales_source",
    windows=[30, 60, 90, 180, 275, 365, 395],
    spine="(select distinct industry, as_of from " ~ ref("seller_industry") ~ ")",
    key="industry"
) }}
