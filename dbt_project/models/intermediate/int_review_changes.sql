{{ config(materialized="view") }}

{{ signed_versions(
    ref("int_review_versions"),
    key=["review_id", "order_id", "seller_id"],
    columns=["rating", "reviewed_on", "is_fast_five_star"]
) }}
