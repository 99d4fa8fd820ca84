{{ window_sums(ref("int_payment_days"), payment_measures(), "has_payments", windows=[90]) }}
