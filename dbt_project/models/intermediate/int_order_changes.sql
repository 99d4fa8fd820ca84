{{ config(materialized="changes") }}

{{ signed_versions(
    ref("stg_orders"),
    key=["order_id", "seller_id"],
    columns=[
        "buyer_id", "buyer_region", "amount", "ordered_at", "paid_at", "shipped_at", "promised_at", "delivered_at",
        "cancelled_at",
    ],
    facts={
        "is_placed_changed": ["ordered_at", "amount"],
        "is_paid_changed": ["paid_at", "amount"],
        "is_buyer_changed": ["buyer_id", "buyer_region"],
        "is_shipped_changed": ["shipped_at", "paid_at", "amount"],
        "is_delivered_changed": ["delivered_at", "shipped_at", "ordered_at", "promised_at", "amount"],
        "is_cancelled_changed": ["cancelled_at", "paid_at", "amount"],
    },
    slice_by="seller_id"
) }}
