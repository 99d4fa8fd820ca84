-- What a seller sold, told by orders or, where a deployment has none, by its operating inflow.
{{ config(materialized="view") }}

with order_days as (
    select * from {{ ref("int_order_days") }}
),

payment_days as (
    select * from {{ ref("int_payment_days") }}
),

final as (
    select
        seller_id,
        event_on,
        arrived_on,
        'orders' as sales_source,
        orders_paid as orders,
        paid_amount as sales_amount,
        cancelled_paid_amount as returned_amount
    from order_days
    where orders_paid <> 0 or paid_amount <> 0 or cancelled_paid_amount <> 0

    union all

    select
        seller_id,
        event_on,
        arrived_on,
        'payments' as sales_source,
        income_payments as orders,
        income_amount as sales_amount,
        refund_outflow_amount as returned_amount
    from payment_days
    where income_payments <> 0 or income_amount <> 0 or refund_outflow_amount <> 0
)

select * from final
