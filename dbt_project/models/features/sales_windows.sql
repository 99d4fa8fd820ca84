{{ window_sums(
    ref("int_sales_days"), ["orders", "sales_amount", "returned_amount"], "has_sales",
    windows=windows_of(
        "sales_amount", "orders", "average_order_amount", "net_sales_amount", "net_sales_ratio", "best_5_days_share",
        "refund_rate", "refund_amount_rate", "dispute_rate", "dispute_amount_rate", "quality_refund_rate",
        "not_received_refund_rate", "sales_windows"
    ),
    condition="days.sales_source = presence.sales_source"
) }}
