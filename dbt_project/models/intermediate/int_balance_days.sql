-- The balance at the close of each seller-day that a night touched, as known then; the latest arrived_on holds. It is
-- the one reported with the day's last payment, and null where corrections have left the day without any.
{{ config(materialized="partials", slices=6) }}

with touched as (
    select distinct
        seller_id,
        occurred_on as event_on,
        changed_on as arrived_on
    from {{ ref("int_payment_changes") }}
    where balance_amount is not null
),

payments as (
    select *
    from {{ ref("stg_payments") }}
    where
        balance_amount is not null
        and arrived_on <= {{ date_literal(var("arrived_to")) }}
        and {{ is_in_slice("seller_id") }}
),

replaced as (
    select * from {{ ref("int_replaced_payments") }}
),

known as (
    select
        touched.seller_id,
        touched.event_on,
        touched.arrived_on,
        payments.balance_amount,
        row_number() over (
            partition by touched.seller_id, touched.event_on, touched.arrived_on
            order by payments.occurred_at desc, payments.payment_id desc
        ) as place
    from touched
    inner join payments
        on
            payments.seller_id = touched.seller_id
            and payments.occurred_on = touched.event_on
            and payments.arrived_on <= touched.arrived_on
    left join replaced
        on
            replaced.payment_id = payments.payment_id
            and replaced.arrived_on > payments.arrived_on
            and replaced.arrived_on <= touched.arrived_on
    where replaced.payment_id is null
),

final as (
    select
        touched.seller_id,
        touched.event_on,
        touched.arrived_on,
        known.balance_amount
    from touched
    left join known
        on
            known.seller_id = touched.seller_id
            and known.event_on = touched.event_on
            and known.arrived_on = touched.arrived_on
            and known.place = 1
)

select * from final
