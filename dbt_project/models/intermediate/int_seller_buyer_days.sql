{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_partitions() }}"
    )
}}

with changes as (
    select * from {{ ref("int_order_changes") }}
),

partials as (
    select
        seller_id,
        buyer_id,
        paid_on as event_on,
        changed_on as arrived_on,
        {{ signed_sum("orders_paid") }},
        {{ signed_sum("paid_amount", "amount") }}
    from changes
    where paid_on is not null
    group by seller_id, buyer_id, paid_on, changed_on
),

final as (
    select
        seller_id,
        buyer_id,
        event_on,
        arrived_on,
        orders_paid,
        cast(paid_amount as decimal(18, 2)) as paid_amount
    from partials
    where {{ any_measure(["orders_paid", "paid_amount"]) }}
)

select * from final
