-- How a seller's purchases of 180 days spread over its suppliers.
with spine as (
    select * from {{ ref("feature_spine") }}
),

days as (
    select * from {{ ref("int_counterparty_days") }}
),

suppliers as (
    select
        spine.seller_id,
        spine.as_of,
        days.counterparty_id,
        cast(sum(days.purchase_amount) as decimal(18, 2)) as purchase_amount
    from spine
    inner join days on days.seller_id = spine.seller_id and {{ is_known_event(window=180) }}
    group by spine.seller_id, spine.as_of, days.counterparty_id
    having sum(days.purchases) > 0
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
