with source as (
    select * from {{ source("raw", "reviews") }}
),

renamed as (
    select
        review_id,
        order_id,
        seller_id,
        buyer_id,
        rating,
        reviewed_at,
        {{ business_day("reviewed_at") }} as reviewed_on,
        arrived_on
    from source
)

select * from renamed
