with source as (
    select * from {{ source("raw", "payments") }}
),

renamed as (
    select
        payment_id,
        seller_id,
        order_id,
        counterparty_id,
        direction,
        kind,
        method,
        amount,
        occurred_at,
        {{ business_day("occurred_at") }} as occurred_on,
        balance_after as balance_amount,
        arrived_on
    from source
)

select * from renamed
