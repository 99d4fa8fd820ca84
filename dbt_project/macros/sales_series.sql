{#
What the order of sale days tells, which sums over windows cannot: one row per (seller_id, as_of) with the number of
days with a sale, the spread of weekly sales, the longest gap and the share of the five best days. Weeks are counted
back from as_of; a 90-day window holds 12 whole weeks and a 365-day window 52.
#}
{% macro sales_series(spine, presence) -%}
    {% set whole_weeks = {90: 12, 365: 52} %}
    with sale_days as (
        select
            spine.seller_id,
            spine.as_of,
            {{ age_days() }} as age,
            sum(days.orders) as orders,
            sum(days.sales_amount) as sales_amount
        from {{ spine }} as spine
        inner join {{ presence }} as presence on presence.as_of = spine.as_of
        inner join {{ ref("int_sales_days") }} as days
            on
                days.seller_id = spine.seller_id
                and days.sales_source = presence.sales_source
                and {{ is_known_event() }}
        group by spine.seller_id, spine.as_of, {{ age_days() }}
        having sum(days.orders) > 0
    ),

    by_day as (
        select
            seller_id,
            as_of,
            min(age) as days_since_last_sale
            {%- for window in [30, 90, 365] %},
            count(case when age < {{ window }} then 1 end) as active_days_{{ window }}d
            {%- endfor %}
        from sale_days
        group by seller_id, as_of
    ),

    ranked as (
        select
            *,
            age - 1 - coalesce(lag(age) over (partition by seller_id, as_of order by age), -1) as gap_days,
            row_number() over (partition by seller_id, as_of order by sales_amount desc, age) as best
        from sale_days
        where age < 90
    ),

    by_rank as (
        select
            seller_id,
            as_of,
            greatest(max(gap_days), 89 - max(age)) as longest_gap_days_90d,
            sum(case when best <= 5 then sales_amount end) as best_5_days_amount_90d
        from ranked
        group by seller_id, as_of
    ),

    weeks as (
        select
            seller_id,
            as_of,
            cast(floor(age / 7) as integer) as week,
            cast(sum(sales_amount) as decimal(18, 2)) as sales_amount
        from sale_days
        group by seller_id, as_of, cast(floor(age / 7) as integer)
    ),

    by_week as (
        select
            seller_id,
            as_of
            {%- for window, whole in whole_weeks.items() %},
            sum(case when week < {{ whole }} then sales_amount end) as weekly_sum_{{ window }}d,
            sum(case when week < {{ whole }} then sales_amount * sales_amount end) as weekly_square_sum_{{ window }}d
            {%- endfor %}
        from weeks
        group by seller_id, as_of
    )

    select
        spine.seller_id,
        spine.as_of,
        by_day.days_since_last_sale,
        {% for window in [30, 90, 365] -%}
        case when presence.has_sales then coalesce(by_day.active_days_{{ window }}d, 0) end as active_days_{{ window }}d,
        {% endfor -%}
        case when presence.has_sales then coalesce(by_rank.longest_gap_days_90d, 90) end as longest_gap_days_90d,
        by_rank.best_5_days_amount_90d
        {%- for window, whole in whole_weeks.items() %},
        {{ variation(
            "by_week.weekly_sum_" ~ window ~ "d", "by_week.weekly_square_sum_" ~ window ~ "d", whole
        ) }} as weekly_sales_variation_ratio_{{ window }}d
        {%- endfor %}
    from {{ spine }} as spine
    inner join {{ presence }} as presence on presence.as_of = spine.as_of
    left join by_day on by_day.seller_id = spine.seller_id and by_day.as_of = spine.as_of
    left join by_rank on by_rank.seller_id = spine.seller_id and by_rank.as_of = spine.as_of
    left join by_week on by_week.seller_id = spine.seller_id and by_week.as_of = spine.as_of
{%- endmacro %}

{# The coefficient of variation (population) of n values from their exact sum and sum of squares; null without sales. #}
{% macro variation(total, square_sum, n) -%}
    sqrt(abs({{ ratio(n ~ " * " ~ square_sum ~ " - " ~ total ~ " * " ~ total, total ~ " * " ~ total) }}))
{%- endmacro %}
