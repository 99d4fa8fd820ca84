{{ window_sums(
    ref("int_industry_days"), industry_measures(), "has_sales",
    windows=windows_of("shrunk_rating", "industry_windows"),
    condition="coalesce(days.sales_source, presence.sales_source) = presence.sales_source",
    spine="(select distinct industry, as_of from " ~ ref("seller_industry") ~ ")",
    key="industry"
) }}
