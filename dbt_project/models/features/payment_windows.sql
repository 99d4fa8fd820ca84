{{ window_sums(
    ref("int_payment_days"), payment_measures(), "has_payments",
    windows=windows_of(
        "payments", "sale_inflow_share", "loan_inflow_share", "payout_ratio", "purchase_ratio", "fee_ratio",
        "transfer_outflow_ratio", "refund_outflow_ratio", "payment_windows"
    )
) }}
