{{ window_sums(
    ref("int_review_days"), review_measures(), "has_reviews",
    windows=windows_of(
        "reviews", "average_rating", "low_rating_share", "five_star_share", "shrunk_rating", "reviews_per_order_ratio",
        "review_windows"
    )
) }}
