-- Read from the partials of all sellers: an owner's other shops need not be on the spine.
{{ window_sums(
    ref("int_sales_days"), ["sales_amount"], "has_sales",
    windows=windows_of("owner_sales_amount"),
    condition="days.sales_source = presence.sales_source",
    spine=ref("owner_shops")
) }}
