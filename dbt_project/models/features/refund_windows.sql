{{ window_sums(ref("int_refund_days"), refund_measures(), "has_refunds", windows=[30, 90, 180, 365]) }}
