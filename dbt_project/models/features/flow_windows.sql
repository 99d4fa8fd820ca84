{{ window_sums(
    ref("int_payment_days"), ["inflow_amount", "outflow_amount"], "has_payments",
    windows=windows_of("inflow_amount", "outflow_amount", "net_flow_amount", "net_flow_ratio", "flow_windows")
) }}
