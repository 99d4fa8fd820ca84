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
        cast(requested_at as date) as requested_on,
        cast(completed_at as date) as completed_on
    from renamed
)

select * from final
