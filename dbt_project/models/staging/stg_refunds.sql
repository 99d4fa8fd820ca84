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
        {{ business_day("requested_at") }} as requested_on,
        {{ business_day("completed_at") }} as completed_on,
        arrived_on
    from source
)

select * from renamed
