{{ window_sums(
    ref("int_refund_days"), refund_measures(), "has_refunds",
    windows=windows_of(
        "net_sales_amount", "net_sales_ratio", "refund_rate", "refund_amount_rate", "dispute_rate",
        "dispute_amount_rate", "quality_refund_rate", "not_received_refund_rate", "refund_windows"
    )
) }}
