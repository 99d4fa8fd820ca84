{#
The versions of payments that a night replaced. With them what a payment changes is read seller by seller, even where a
correction moves it to another seller.
#}
{{ config(materialized="partials", slices=6) }}
{%- set payments = ref("stg_payments") %}

with timeline as (
    select *
    from {{ payments }}
    where {{ is_rebuilt("arrived_on") }} and {{ is_in_slice("payment_id") }}
    {% if not flags.FULL_REFRESH %}
        union all
        select *
        from {{ payments }}
        where
            arrived_on < {{ date_literal(var("arrived_from")) }}
            and payment_id in (
                select arrived.payment_id from {{ payments }} as arrived where {{ is_rebuilt("arrived.arrived_on") }}
            )
            and {{ is_in_slice("payment_id") }}
    {% endif %}
),

followed as (
    select
        *,
        lead(arrived_on) over (partition by payment_id order by arrived_on) as replaced_on
    from timeline
),

final as (
    select
        payment_id,
        seller_id,
        counterparty_id,
        direction,
        kind,
        method,
        amount,
        occurred_on,
        balance_amount,
        replaced_on as arrived_on
    from followed
    where {{ is_rebuilt("replaced_on") }}
)

select * from final
