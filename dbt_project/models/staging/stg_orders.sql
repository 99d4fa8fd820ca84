-- Slices are cut here: the engine does not look for one before it has worked out the times of all orders.
with source as (
    select * from {{ source("raw", "orders") }}
    where {{ is_in_slice("seller_id") }}
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
),

-- Each time as its status and the time of ordering let it stand.
placed as (
    select
        order_id,
        seller_id,
        buyer_id,
        status,
        ordered_at,
        case
            when paid_at is not null then greatest(paid_at, ordered_at)
            when status in ('paid', 'shipped', 'delivered') then ordered_at
        end as paid_at,
        {{ not_before("shipped_at", "ordered_at") }} as shipped_at,
        case when promised_at >= ordered_at then promised_at end as promised_at,
        {{ not_before("delivered_at", "ordered_at") }} as delivered_at,
        case
            when status = 'cancelled' and cancelled_at is not null then greatest(cancelled_at, ordered_at)
            when status = 'cancelled' then greatest(ordered_at, paid_at, shipped_at, delivered_at)
            when cancelled_at >= greatest(ordered_at, paid_at, shipped_at, delivered_at) then cancelled_at
        end as cancelled_at,
        amount,
        freight_amount,
        category,
        buyer_region,
        arrived_on
    from renamed
),

final as (
    select
        order_id,
        seller_id,
        buyer_id,
        status,
        ordered_at,
        paid_at,
        case
            when shipped_at > delivered_at then null
            when
                shipped_at < paid_at
                and shipped_at > {{ dbt.dateadd("hour", -24, "paid_at") }}
                and (delivered_at is null or delivered_at >= paid_at)
                then paid_at
            else shipped_at
        end as shipped_at,
        promised_at,
        delivered_at,
        cancelled_at,
        amount,
        freight_amount,
        category,
        buyer_region,
        arrived_on
    from placed
)

select * from final
