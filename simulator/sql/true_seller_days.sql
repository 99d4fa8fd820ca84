with final as (
    select seller as place, seller_name(seller) as seller_id, true_pd, day as arrival
    from true_seller_days
)

select * from final
