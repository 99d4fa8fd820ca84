with source as (
    select * from {{ source("raw", "refunds") }}
),

renamed as (
    select
        refund_id,
        order_id,
        seller_id,
        amount,
        reason,
        requested_at,
        completed_at,
        cast(requested_at as date) as requested_on,
        cast(completed_at as date) as completed_on,
        arrived_on
    from source
)

select * from renamed
