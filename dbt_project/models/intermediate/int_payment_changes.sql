-- The payments that arrived in this run's nights (sign 1) and the versions that they replace (sign -1).
{{ config(materialized="view") }}
{%- set columns = [
    "payment_id", "seller_id", "counterparty_id", "direction", "kind", "method", "amount", "occurred_on", "balance_amount",
] %}

with payments as (
    select * from {{ ref("stg_payments") }}
),

replaced as (
    select * from {{ ref("int_replaced_payments") }}
),

final as (
    select
        {% for column in columns -%}
            {{ column }},
        {% endfor -%}
        1 as sign,
        arrived_on as changed_on
    from payments
    where {{ is_rebuilt("arrived_on") }} and {{ is_in_slice("seller_id") }}

    union all

    select
        {% for column in columns -%}
            {{ column }},
        {% endfor -%}
        -1 as sign,
        arrived_on as changed_on
    from replaced
    where {{ is_rebuilt("arrived_on") }} and {{ is_in_slice("seller_id") }}
)

select * from final
