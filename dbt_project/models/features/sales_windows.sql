{{ window_sums(
    ref("int_sales_days"), ["orders", "sales_amount", "returned_amount"], "has_sales",
    condition="days.sales_source = presence.sales_source",
    windows=[7, 30, 60, 90, 180, 275, 365, 395]
) }}
