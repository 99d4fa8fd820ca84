{%- set windows = windows_of("median_order_amount") -%}
with orders as (
    select * from {{ ref("recent_orders") }}
),

-- How many orders of the window are of this amount or less.
ranked as (
    select
        seller_id,
        as_of,
        {% for window in windows -%}
            sum(case when age_days < {{ window }} then orders else 0 end)
                over (partition by seller_id, as_of order by amount asc) as rank_{{ window }}d,
            sum(case when age_days < {{ window }} then orders else 0 end)
                over (partition by seller_id, as_of) as orders_{{ window }}d,
        {% endfor -%}
        amount
    from orders
),

final as (
    select
        seller_id,
        {% for window in windows -%}
            {{ ratio(
                "min(case when 2 * rank_" ~ window ~ "d >= orders_" ~ window ~ "d then amount end) + "
                "min(case when 2 * rank_" ~ window ~ "d > orders_" ~ window ~ "d then amount end)", 2
            ) }} as median_order_amount_{{ window }}d,
        {% endfor -%}
        as_of
    from ranked
    group by seller_id, as_of
)

select * from final
