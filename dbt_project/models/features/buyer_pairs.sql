{%- set keys = ["seller_id", "buyer_id"] -%}
{%- set count_windows = windows_of("buyers", "repeat_buyer_share", "new_buyer_share", "buyer_windows") -%}
{%- set amount_windows = windows_of("top_buyer_share", "buyer_concentration_ratio") -%}
{%- set is_training = var("spine_kind") == "training" -%}
{{ config(materialized="carried", partial="int_paid_orders", keys=keys, windows=count_windows + amount_windows) }}
-- A training set's pairs have a table of their own, so that the next night can go on from the night before.
{{ config(alias="buyer_pairs_of_training") if is_training }}

with spine as (
    select * from {{ ref("feature_spine") }}
),

-- A night has every seller and thus every buyer; a training set reads the buyers of its few. Orders are many and are
-- read where they are used, for a CTE that is named twice is written down whole.
wanted as (
    {% if is_training -%}
        select distinct
            spine.as_of,
            orders.buyer_id
        from spine
        inner join {{ ref("int_paid_orders") }} as orders
            on orders.seller_id = spine.seller_id and {{ is_known_event("orders") }}
    {%- else -%}
        select distinct as_of from spine
    {%- endif %}
),

market as (
    select
        spine.as_of,
        orders.*,
        cast(orders.orders_paid * orders.amount as decimal(18, 2)) as paid_amount,
        {{ age_days("orders.event_on") }} as age_days,
        {{ "(orders.seller_id, spine.as_of) in (select seller_id, as_of from spine)" if is_training else "true" }}
            as is_on_spine
    from wanted as spine
    inner join {{ ref("int_paid_orders") }} as orders
        on {{ is_known_event("orders") }} {{ "and orders.buyer_id = spine.buyer_id" if is_training }}
    where {{ is_changed_pair("orders", keys) }}
),

final as (
    select
        seller_id,
        as_of,
        buyer_id,
        {% for window in count_windows -%}
            cast(sum(case when age_days < {{ window }} then orders_paid else 0 end) as integer)
                as orders_{{ window }}d,
        {% endfor -%}
        {% for window in amount_windows -%}
            cast(sum(case when age_days < {{ window }} then paid_amount else 0 end) as decimal(18, 2))
                as paid_amount_{{ window }}d,
        {% endfor -%}
        is_on_spine
    from market
    group by seller_id, as_of, buyer_id, is_on_spine
    having sum(orders_paid) > 0
)

select * from final
