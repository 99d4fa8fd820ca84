{{ config(materialized="partials") }}

with changes as (
    select * from {{ ref("int_refund_changes") }}
),

partials as (
    select
        seller_id,
        requested_on as event_on,
        changed_on as arrived_on,
        {{ signed_sum("refunds") }},
        {{ signed_amount("refund_amount") }},
        {{ signed_sum("disputes", condition="reason = 'dispute'") }},
        {{ signed_amount("dispute_amount", "reason = 'dispute'") }},
        {{ signed_sum("quality_refunds", condition="reason in ('not_as_described', 'damaged')") }},
        {{ signed_sum("not_received_refunds", condition="reason = 'not_received'") }}
    from changes
    group by seller_id, requested_on, changed_on
),

final as (
    select *
    from partials
    where {{ any_measure(refund_measures()) }}
)

select * from final
