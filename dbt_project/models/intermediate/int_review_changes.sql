{{ config(materialized="view") }}

{{ signed_versions(
    ref("stg_reviews"),
    key=["review_id", "order_id", "seller_id"],
    columns=["rating", "reviewed_on"]
) }}
