{#
Who paid the seller and whom it paid. A counterparty counts in a window where its payments there do not cancel out.
#}
{%- set windows = windows_of("payers", "payees", "top_payer_share") -%}
with spine as (
    select * from {{ ref("feature_spine") }}
),

days as (
    select * from {{ ref("int_counterparty_days") }}
),

rings as (
    select
        spine.seller_id,
        spine.as_of,
        days.counterparty_id,
        {{ ring(age_days(), windows) }} as ring,
        sum(days.payments_in) as payments_in,
        sum(days.inflow_amount) as inflow_amount,
        sum(days.payments_out) as payments_out
    from spine
    inner join days on days.seller_id = spine.seller_id and {{ is_known_event(window=windows[-1]) }}
    group by spine.seller_id, spine.as_of, days.counterparty_id, {{ ring(age_days(), windows) }}
),

counterparties as (
    select
        seller_id,
        as_of,
        {% for window in windows -%}
            {% for measure in ["payments_in", "inflow_amount", "payments_out"] -%}
                sum(case when ring <= {{ window }} then {{ measure }} else 0 end) as {{ measure }}_{{ window }}d,
            {% endfor -%}
        {% endfor -%}
        counterparty_id
    from rings
    group by seller_id, as_of, counterparty_id
),

final as (
    select
        seller_id,
        {% for window in windows_of("payers") -%}
            count(case when payments_in_{{ window }}d > 0 then 1 end) as payers_{{ window }}d,
        {% endfor -%}
        {% for window in windows_of("payees") -%}
            count(case when payments_out_{{ window }}d > 0 then 1 end) as payees_{{ window }}d,
        {% endfor -%}
        {% for window in windows_of("top_payer_share") -%}
            max(inflow_amount_{{ window }}d) as top_payer_amount_{{ window }}d,
            cast(sum(inflow_amount_{{ window }}d) as decimal(18, 2)) as named_inflow_amount_{{ window }}d,
        {% endfor -%}
        as_of
    from counterparties
    group by seller_id, as_of
)

select * from final
