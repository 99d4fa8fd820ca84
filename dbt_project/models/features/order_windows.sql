{{ window_sums(
    ref("int_order_days"), order_measures(), "has_orders",
    windows=windows_of(
        "cancellation_rate", "cancellation_amount_rate", "paid_cancellation_rate", "late_shipment_rate",
        "late_shipment_amount_rate", "late_delivery_rate", "late_delivery_amount_rate", "ship_days", "delivery_days",
        "reviews_per_order_ratio", "top_buyer_share", "order_windows"
    )
) }}
