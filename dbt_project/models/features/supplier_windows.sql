-- How a seller's purchases of 180 days spread over its suppliers.
with days as (
    {{ known_events(ref("int_counterparty_days"), 180) }}
),

suppliers as (
    select
        seller_id,
        as_of,
        counterparty_id,
        cast(sum(purchase_amount) as decimal(18, 2)) as purchase_amount
    from days
    where purchases <> 0 or purchase_amount <> 0
    group by seller_id, as_of, counterparty_id
    having sum(purchases) > 0
),

final as (
    select
        seller_id,
        as_of,
        count(*) as suppliers_180d,
        cast(sum(purchase_amount) as decimal(18, 2)) as supplied_amount_180d,
        max(purchase_amount) as top_supplier_amount_180d,
        sum({{ squared("purchase_amount") }}) as supplied_square_sum_180d
    from suppliers
    group by seller_id, as_of
)

select * from final
