-- Every seller known on each night of this run.
with nights as (
    {{ as_of_rows() }}
),

sellers as (
    select seller_id, min(arrived_on) as known_on
    from {{ ref("stg_sellers") }}
    group by seller_id
),

final as (
    select
        sellers.seller_id,
        nights.as_of
    from nights
    inner join sellers on nights.as_of >= sellers.known_on
)

select * from final
