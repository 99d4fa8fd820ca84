{{ signed_versions(ref("stg_reviews"), ["review_id", "order_id", "seller_id"]) }}
