{{ config(materialized="partials", slices=4) }}

with orders as (
    select * from {{ ref("int_order_changes") }}
),

refunds as (
    select * from {{ ref("int_refund_changes") }}
),

durations as (
    select
        seller_id,
        'ship' as duration,
        shipped_at as ended_at,
        changed_on,
        {{ dbt.datediff("paid_at", "shipped_at", "second") }} as seconds,
        sign
    from orders
    where is_shipped_changed and paid_at <= shipped_at

    union all

    select
        seller_id,
        'refund' as duration,
        completed_at as ended_at,
        changed_on,
        {{ dbt.datediff("requested_at", "completed_at", "second") }} as seconds,
        sign
    from refunds
    where completed_at is not null and {{ is_in_slice("seller_id") }}
),

partials as (
    select
        seller_id,
        duration,
        {{ business_day("ended_at") }} as event_on,
        changed_on as arrived_on,
        cast(floor(seconds / 3600.0) as integer) as hours,
        {{ signed_sum("occurrences") }}
    from durations
    group by seller_id, duration, {{ business_day("ended_at") }}, changed_on, cast(floor(seconds / 3600.0) as integer)
),

final as (
    select *
    from partials
    where occurrences <> 0
)

select * from final
