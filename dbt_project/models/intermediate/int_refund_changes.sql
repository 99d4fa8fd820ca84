{{ config(materialized="view") }}

{{ signed_versions(
    ref("stg_refunds"),
    key=["refund_id"],
    columns=["seller_id", "amount", "reason", "requested_on", "requested_at", "completed_at"]
) }}
