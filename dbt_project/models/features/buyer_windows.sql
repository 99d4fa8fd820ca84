{%- set as_of = spine_as_of(none) -%}
with pairs as (
    select * from {{ ref("buyer_pairs") }}
),

final as (
    select
        seller_id,
        {{ as_of }} as as_of,
        {% for window in windows_of("buyers", "repeat_buyer_share", "new_buyer_share") -%}
            count(case when orders_{{ window }}d > 0 then 1 end) as buyers_{{ window }}d,
            count(case when orders_{{ window }}d > 1 then 1 end) as repeat_buyers_{{ window }}d,
        {% endfor -%}
        {% for window in windows_of("new_buyer_share") -%}
            count(case when orders_{{ window }}d > 0 and orders_365d = orders_{{ window }}d then 1 end)
                as new_buyers_{{ window }}d,
        {% endfor -%}
        count(case when orders_180d > orders_90d then 1 end) as earlier_buyers_90d,
        count(case when orders_180d > orders_90d and orders_90d > 0 then 1 end) as retained_buyers_90d,
        count(case when orders_365d > orders_180d then 1 end) as earlier_buyers_180d,
        count(case when orders_365d > orders_180d and orders_180d > 0 then 1 end) as retained_buyers_180d,
        {% for window in windows_of("top_buyer_share", "buyer_concentration_ratio") -%}
            sum(paid_amount_{{ window }}d) as paid_amount_{{ window }}d,
            sum({{ squared("paid_amount_" ~ window ~ "d") }}) as square_sum_{{ window }}d,
            max(paid_amount_{{ window }}d) as top_buyer_amount_{{ window }}d,
        {% endfor -%}
        {{ sum_of_largest("case when orders_90d > 0 then paid_amount_90d end", 5) }} as top_5_buyers_amount_90d,
        sum(case when orders_365d > orders_180d then paid_amount_90d else 0 end) as long_standing_amount_90d
    from pairs
    where is_on_spine
    group by seller_id, {{ as_of }}
)

select * from final
