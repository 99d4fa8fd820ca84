{{ window_sums(
    ref("int_payment_days"), payment_measures() | reject("in", ["inflow_amount", "outflow_amount"]) | list,
    "has_payments",
    windows=windows_of(
        "payments", "operating_inflow_amount", "sale_inflow_share", "settlement_inflow_share", "salary_inflow_share",
        "loan_inflow_share", "payout_ratio", "purchase_ratio", "fee_ratio", "transfer_outflow_ratio",
        "refund_outflow_ratio", "penalties", "penalty_ratio", "cash_inflow_share", "cash_outflow_share",
        "payment_windows"
    )
) }}
