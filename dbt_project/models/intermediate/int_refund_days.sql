{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_partitions() }}"
    )
}}

with changes as (
    select * from {{ ref("int_refund_changes") }}
),

partials as (
    select
        seller_id,
        requested_on as event_on,
        changed_on as arrived_on,
        {{ signed_sum("refunds") }},
        {{ signed_sum("refund_amount", "amount") }},
        {{ signed_sum("disputes", condition="reason = 'dispute'") }}
    from changes
    group by seller_id, requested_on, changed_on
),

final as (
    select
        seller_id,
        event_on,
        arrived_on,
        refunds,
        cast(refund_amount as decimal(18, 2)) as refund_amount,
        disputes
    from partials
    where {{ any_measure(refund_measures()) }}
)

select * from final
