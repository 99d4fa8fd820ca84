-- Whose loans are read: the sellers of the spine and, as known on the day, the other shops of their owners.
with spine as (
    select * from {{ ref("feature_spine") }}
),

sellers as (
    select * from {{ ref("stg_sellers") }}
),

owned as (
    select
        dates.seller_id,
        dates.as_of,
        sellers.owner_id
    from spine as dates
    left join sellers on sellers.seller_id = dates.seller_id and {{ is_known_version("sellers", "dates.as_of") }}
),

owners as (
    select distinct
        owner_id,
        as_of
    from owned
    where owner_id is not null
),

final as (
    select
        sellers.seller_id,
        dates.as_of,
        'owner ' || dates.owner_id as borrower_id
    from owners as dates
    inner join sellers on sellers.owner_id = dates.owner_id and {{ is_known_version("sellers", "dates.as_of") }}

    union all

    select
        seller_id,
        as_of,
        'seller ' || seller_id as borrower_id
    from owned
    where owner_id is null
)

select * from final
