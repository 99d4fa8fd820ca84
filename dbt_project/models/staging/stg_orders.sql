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
        amount,
        freight as freight_amount,
        category,
        buyer_region,
        arrived_on
    from source
)

select * from renamed
