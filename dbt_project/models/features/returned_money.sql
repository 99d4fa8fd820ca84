-- Sale money that went back to its payer as a transfer within 72 hours. Transfers are few: of the sales only those of
-- their payees are read, and payments where they are used, for a CTE that is named twice is written down whole.
with spine as (
    select * from {{ ref("feature_spine") }}
),

replaced as (
    select * from {{ ref("int_replaced_payments") }}
),

transfers as (
    select
        spine.seller_id,
        spine.as_of,
        payments.counterparty_id,
        payments.occurred_at
    from spine
    inner join {{ ref("stg_payments") }} as payments
        on
            payments.seller_id = spine.seller_id
            and payments.arrived_on <= spine.as_of
            and payments.occurred_on <= spine.as_of
            and payments.occurred_on > cast({{ dbt.dateadd("day", -90, "spine.as_of") }} as date)
    left join replaced
        on
            replaced.payment_id = payments.payment_id
            and replaced.arrived_on > payments.arrived_on
            and replaced.arrived_on <= spine.as_of
    where payments.kind = 'transfer' and payments.direction = 'out' and replaced.payment_id is null
),

sales as (
    select distinct
        spine.seller_id,
        spine.as_of,
        payments.payment_id,
        payments.amount
    from transfers as spine
    inner join {{ ref("stg_payments") }} as payments
        on
            payments.seller_id = spine.seller_id
            and payments.counterparty_id = spine.counterparty_id
            and payments.arrived_on <= spine.as_of
            and payments.occurred_on > cast({{ dbt.dateadd("day", -90, "spine.as_of") }} as date)
            and payments.occurred_at <= spine.occurred_at
            and payments.occurred_at >= {{ dbt.dateadd("hour", -72, "spine.occurred_at") }}
    left join replaced
        on
            replaced.payment_id = payments.payment_id
            and replaced.arrived_on > payments.arrived_on
            and replaced.arrived_on <= spine.as_of
    where payments.kind = 'sale' and payments.direction = 'in' and replaced.payment_id is null
),

final as (
    select
        seller_id,
        as_of,
        sum(amount) as returned_sale_amount_90d
    from sales
    group by seller_id, as_of
)

select * from final
