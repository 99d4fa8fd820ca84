{{ window_sums(
    ref("int_payment_days"), ["inflow_amount", "outflow_amount"], "has_payments", windows=[30, 60, 90, 180, 365]
) }}
