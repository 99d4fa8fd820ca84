with source as (
    select * from {{ source("raw", "sellers") }}
),

renamed as (
    select
        seller_id,
        seller_type,
        {{ business_day("registered_at") }} as registered_on,
        industry,
        region,
        owner_id,
        buyer_id,
        coalesce(status, 'active') as status,
        arrived_on,
        lead(arrived_on) over (partition by seller_id order by arrived_on) as superseded_on
    from source
)

select * from renamed
