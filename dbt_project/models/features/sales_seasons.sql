{%- set windows = [30, 60, 90, 180] -%}
with market as (
    select * from {{ ref("market_days") }}
),

days as (
    select * from {{ ref("sales_by_day") }}
),

regular as (
    select
        {% for window in windows -%}
            count(case when age_days < {{ window }} then 1 end) as regular_days_{{ window }}d,
        {% endfor -%}
        as_of
    from market
    where not is_promotion
    group by as_of
),

amounts as (
    select
        days.seller_id,
        {% for window in windows -%}
            sum(case when not market.is_promotion and days.age_days < {{ window }} then days.sales_amount else 0 end)
                as regular_amount_{{ window }}d,
        {% endfor -%}
        {% for window in [90, 365] -%}
            sum(case when market.is_promotion and days.age_days < {{ window }} then days.sales_amount else 0 end)
                as promotion_amount_{{ window }}d,
        {% endfor -%}
        sum(case when market.is_weekend and days.age_days < 90 then days.sales_amount else 0 end)
            as weekend_amount_90d,
        days.as_of
    from days
    inner join market on market.as_of = days.as_of and market.age_days = days.age_days
    group by days.seller_id, days.as_of
),

final as (
    select
        amounts.seller_id,
        amounts.as_of,
        {% for before, window in [(60, 30), (180, 90)] -%}
            {{ ratio("amounts.regular_amount_" ~ window ~ "d", "regular.regular_days_" ~ window ~ "d") }}
                as regular_daily_amount_{{ window }}d,
            {{ ratio(
                "amounts.regular_amount_" ~ before ~ "d - amounts.regular_amount_" ~ window ~ "d",
                "regular.regular_days_" ~ before ~ "d - regular.regular_days_" ~ window ~ "d"
            ) }} as regular_daily_amount_before_{{ window }}d,
        {% endfor -%}
        amounts.promotion_amount_90d,
        amounts.promotion_amount_365d,
        amounts.weekend_amount_90d
    from amounts
    left join regular on regular.as_of = amounts.as_of
)

select * from final
