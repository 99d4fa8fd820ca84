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
        {{ not_before("completed_at", "requested_at") }} as completed_at,
        arrived_on
    from source
),

final as (
    select
        *,
        {{ business_day("requested_at") }} as requested_on,
        {{ business_day("completed_at") }} as completed_on
    from renamed
)

select * from final
