with final as (
    select order_no as place, order_name(order_no) as order_id, seller_name(seller) as seller_id, day as arrival
    from facts
    where is_fake and day between getvariable('first_day') and getvariable('last_day')
)

select * from final
