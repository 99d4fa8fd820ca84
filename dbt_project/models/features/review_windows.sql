{{ window_sums(ref("int_review_days"), review_measures(), "has_reviews", windows=[30, 90, 365]) }}
