with final as (
    select
        order_no as place,
        'V' || order_no as review_id,
        order_name(order_no) as order_id,
        seller_name(seller) as seller_id,
        buyer_name(buyer_no) as buyer_id,
        rating,
        moment(review_second) as reviewed_at,
        review_arrival as arrival
    from facts
    where review_arrival between getvariable('first_day') and getvariable('last_day')
)

select * from final
