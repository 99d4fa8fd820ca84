{{ window_sums(ref("int_order_days"), order_measures(), "has_orders", windows=[30, 90, 365]) }}
