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

events as (
    select *, 'placed' as event, ordered_on as event_on from changes
    union all
    select *, 'paid' as event, paid_on as event_on from changes where paid_on is not null
    union all
    select *, 'shipped' as event, shipped_on as event_on from changes where shipped_on is not null
    union all
    select *, 'delivered' as event, delivered_on as event_on from changes where delivered_on is not null
    union all
    select *, 'cancelled' as event, cancelled_on as event_on from changes where cancelled_on is not null
),

partials as (
    select
        seller_id,
        event_on,
        changed_on as arrived_on,
        {{ signed_sum("orders_placed", condition="event = 'placed'") }},
        {{ signed_sum("orders_arrived", condition="event = 'placed' and is_first_version") }},
        {{ signed_sum(
            "orders_arrived_late",
            condition="event = 'placed' and is_first_version and "
            ~ dbt.datediff("ordered_on", "changed_on", "day") ~ " > 1"
        ) }},
        {{ signed_sum("orders_paid", condition="event = 'paid'") }},
        {{ signed_sum("paid_amount", "amount", "event = 'paid'") }},
        {{ signed_sum("orders_shipped", condition="event = 'shipped' and paid_at is not null") }},
        {{ signed_sum(
            "ship_seconds", dbt.datediff("paid_at", "shipped_at", "second"), "event = 'shipped' and paid_at is not null"
        ) }},
        {{ signed_sum("orders_delivered", condition="event = 'delivered'") }},
        {{ signed_sum("orders_promised", condition="event = 'delivered' and promised_at is not null") }},
        {{ signed_sum("orders_delivered_late", condition="event = 'delivered' and delivered_at > promised_at") }},
        {{ signed_sum(
            "delivery_seconds", dbt.datediff("ordered_at", "delivered_at", "second"), "event = 'delivered'"
        ) }},
        {{ signed_sum("orders_cancelled", condition="event = 'cancelled'") }},
        {{ signed_sum("cancelled_amount", "amount", "event = 'cancelled'") }}
    from events
    group by seller_id, event_on, changed_on
),

final as (
    select
        seller_id,
        event_on,
        arrived_on,
        orders_placed,
        orders_arrived,
        orders_arrived_late,
        orders_paid,
        cast(paid_amount as decimal(18, 2)) as paid_amount,
        orders_shipped,
        ship_seconds,
        orders_delivered,
        orders_promised,
        orders_delivered_late,
        delivery_seconds,
        orders_cancelled,
        cast(cancelled_amount as decimal(18, 2)) as cancelled_amount
    from partials
    where {{ any_measure(order_measures()) }}
)

select * from final
