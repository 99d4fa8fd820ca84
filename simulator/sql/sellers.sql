-- A seller arrives when the shop opens (the first night knows all the older ones) and again when its status changes.
with final as (
    select
        sellers.seller as place,
        seller_name(sellers.seller) as seller_id,
        if(sellers.is_business, 'business', 'individual') as seller_type,
        moment(sellers.registered_day::bigint * 86400 + (mixed(sellers.seller, getvariable('seed')) % 80000)::bigint)
            as registered_at,
        industries.name as industry,
        regions.name as region,
        'W' || lpad((sellers.owner + 1)::varchar, 6, '0') as owner_id,
        buyer_name(getvariable('buyers') + sellers.seller) as buyer_id,
        seller_changes.status,
        seller_changes.arrived_day as arrival
    from seller_changes
    inner join sellers using (seller)
    inner join industries on industries.number = sellers.industry
    inner join regions on regions.number = sellers.region
    where seller_changes.arrived_day between getvariable('first_day') and getvariable('last_day')
)

select * from final
