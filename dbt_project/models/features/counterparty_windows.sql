{#
Who paid the seller and whom it paid. A counterparty counts in a window where its payments there do not cancel out.
Payers and payees are added up apart: few are both, and a payment has only one of the two sides to add up.
#}
{%- set amount_windows = windows_of("top_payer_share") -%}
{%- set windows = windows_of("payers", "payees", "top_payer_share") -%}
with days as (
    {{ known_events(ref("int_counterparty_days"), windows[-1]) }}
),

payers as (
    select
        seller_id,
        as_of,
        {% for window in windows_of("payers") -%}
            sum(case when age_days < {{ window }} then payments_in else 0 end) as payments_{{ window }}d,
        {% endfor -%}
        {% for window in amount_windows -%}
            cast(sum(case when age_days < {{ window }} then inflow_amount else 0 end) as decimal(18, 2))
                as inflow_amount_{{ window }}d,
        {% endfor -%}
        counterparty_id
    from days
    where payments_in <> 0 or inflow_amount <> 0
    group by seller_id, as_of, counterparty_id
),

payees as (
    select
        seller_id,
        as_of,
        {% for window in windows_of("payees") -%}
            sum(case when age_days < {{ window }} then payments_out else 0 end) as payments_{{ window }}d,
        {% endfor -%}
        counterparty_id
    from days
    where payments_out <> 0
    group by seller_id, as_of, counterparty_id
),

paid_by as (
    select
        seller_id,
        {% for window in windows_of("payers") -%}
            count(case when payments_{{ window }}d > 0 then 1 end) as payers_{{ window }}d,
        {% endfor -%}
        {% for window in amount_windows -%}
            max(inflow_amount_{{ window }}d) as top_payer_amount_{{ window }}d,
            cast(sum(inflow_amount_{{ window }}d) as decimal(18, 2)) as named_inflow_amount_{{ window }}d,
        {% endfor -%}
        as_of
    from payers
    group by seller_id, as_of
),

paid_to as (
    select
        seller_id,
        {% for window in windows_of("payees") -%}
            count(case when payments_{{ window }}d > 0 then 1 end) as payees_{{ window }}d,
        {% endfor -%}
        as_of
    from payees
    group by seller_id, as_of
),

final as (
    select
        coalesce(paid_by.seller_id, paid_to.seller_id) as seller_id,
        {% for window in windows_of("payers") -%}
            coalesce(paid_by.payers_{{ window }}d, 0) as payers_{{ window }}d,
        {% endfor -%}
        {% for window in windows_of("payees") -%}
            coalesce(paid_to.payees_{{ window }}d, 0) as payees_{{ window }}d,
        {% endfor -%}
        {% for window in amount_windows -%}
            coalesce(paid_by.top_payer_amount_{{ window }}d, 0) as top_payer_amount_{{ window }}d,
            coalesce(paid_by.named_inflow_amount_{{ window }}d, 0) as named_inflow_amount_{{ window }}d,
        {% endfor -%}
        coalesce(paid_by.as_of, paid_to.as_of) as as_of
    from paid_by
    full join paid_to on paid_to.seller_id = paid_by.seller_id and paid_to.as_of = paid_by.as_of
)

select * from final
