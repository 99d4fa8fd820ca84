{# Distinct, repeat and largest buyers, exact, from net orders of each (seller, buyer) pair; one row per
   (seller_id, as_of) that has such a pair. #}
{% macro buyer_windows(spine) -%}
    {% set windows = [30, 90, 365] %}
    with pairs as (
        select
            spine.seller_id,
            spine.as_of,
            days.buyer_id
            {%- for window in windows %},
            sum(case when {{ age_days() }} < {{ window }} then days.orders_paid else 0 end) as orders_{{ window }}d,
            sum(case when {{ age_days() }} < {{ window }} then days.paid_amount else 0 end) as paid_amount_{{ window }}d
            {%- endfor %}
        from {{ spine }} as spine
        inner join {{ ref("int_seller_buyer_days") }} as days
            on days.seller_id = spine.seller_id and {{ is_known_event() }}
        group by spine.seller_id, spine.as_of, days.buyer_id
    )

    select
        seller_id,
        as_of
        {%- for window in windows %},
        count(case when orders_{{ window }}d > 0 then 1 end) as buyers_{{ window }}d,
        count(case when orders_{{ window }}d > 1 then 1 end) as repeat_buyers_{{ window }}d,
        max(paid_amount_{{ window }}d) as top_buyer_amount_{{ window }}d
        {%- endfor %}
    from pairs
    group by seller_id, as_of
{%- endmacro %}
