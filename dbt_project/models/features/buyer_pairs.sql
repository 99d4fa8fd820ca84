{%- set is_training = var("spine_kind") == "training" %}

{% if is_training -%}
    -- A training set reads the buyers of its few sellers, at all shops. Orders are many and are read where they are
    -- used, for a CTE that is named twice is written down whole.
    with wanted as (
        select distinct
            spine.as_of,
            orders.buyer_id
        from {{ ref("feature_spine") }} as spine
        inner join {{ ref("int_paid_orders") }} as orders
            on orders.seller_id = spine.seller_id and {{ is_known_event("orders") }}
    ),

    orders as (
        select
            orders.*,
            spine.as_of,
            {{ age_days("orders.event_on") }} as age_days,
            (orders.seller_id, spine.as_of) in (
                select
                    on_spine.seller_id,
                    on_spine.as_of
                from {{ ref("feature_spine") }} as on_spine
            ) as is_on_spine
        from wanted as spine
        inner join {{ ref("int_paid_orders") }} as orders
            on orders.buyer_id = spine.buyer_id and {{ is_known_event("orders") }}
    ),
{%- else -%}
    -- A night has every seller and thus every buyer.
    with orders as (
        select
            *,
            true as is_on_spine
        from ({{ known_events(ref("int_paid_orders")) }}) as events
    ),
{%- endif %}

final as (
    select
        seller_id,
        as_of,
        buyer_id,
        {% for window in windows_of("buyers", "repeat_buyer_share", "new_buyer_share", "buyer_windows") -%}
            cast(sum(case when age_days < {{ window }} then orders_paid else 0 end) as integer)
                as orders_{{ window }}d,
        {% endfor -%}
        {% for window in windows_of("top_buyer_share", "buyer_concentration_ratio") -%}
            cast(
                sum(case when age_days < {{ window }} then cast(orders_paid * amount as decimal(18, 2)) else 0 end)
                as decimal(18, 2)
            ) as paid_amount_{{ window }}d,
        {% endfor -%}
        is_on_spine
    from orders
    group by seller_id, as_of, buyer_id, is_on_spine
    having sum(orders_paid) > 0
)

select * from final
