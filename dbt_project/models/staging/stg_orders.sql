with source as (
    select * from {{ source("raw", "orders") }}
),

renamed as (
    select
        order_id,
        seller_id,
        buyer_id,
        status,
        ordered_at,
        paid_at,
        shipped_at,
        promised_at,
        delivered_at,
        cancelled_at,
        cast(ordered_at as date) as ordered_on,
        cast(paid_at as date) as paid_on,
        cast(shipped_at as date) as shipped_on,
        cast(delivered_at as date) as delivered_on,
        cast(cancelled_at as date) as cancelled_on,
        amount,
        freight as freight_amount,
        category,
        buyer_region,
        arrived_on
    from source
)

select * from renamed
