{{ config(materialized="view") }}

{{ signed_versions(
    ref("stg_payments"),
    key=["payment_id"],
    columns=["seller_id", "direction", "kind", "amount", "occurred_on"]
) }}
