{%- set whole_weeks = {90: 12, 365: 52} -%}
with spine as (
    select * from {{ ref("feature_spine") }}
),

presence as (
    select * from {{ ref("feature_presence") }}
),

days as (
    select * from {{ ref("sales_by_day") }}
),

-- Week 0 ends on as_of; a week without sales has no row.
weeks as (
    select
        seller_id,
        as_of,
        cast(floor(age_days / 7) as integer) as week,
        cast(sum(sales_amount) as decimal(18, 2)) as sales_amount
    from days
    where age_days < 364
    group by seller_id, as_of, cast(floor(age_days / 7) as integer)
    having sum(sales_amount) > 0
),

courses as (
    select
        *,
        {% for window, whole in whole_weeks.items() -%}
            cast(
                sum(case when week < {{ whole }} then sales_amount end) over (partition by seller_id, as_of)
                as decimal(18, 2)
            ) as total_{{ window }}d,
            max(case when week < {{ whole }} then sales_amount end) over (
                partition by seller_id, as_of order by week desc
                rows between unbounded preceding and current row
            ) as peak_{{ window }}d,
        {% endfor -%}
        cast(floor(week / 4) as integer) as month
    from weeks
),

by_week as (
    select
        seller_id,
        as_of,
        {% for window, whole in whole_weeks.items() -%}
            max(total_{{ window }}d) as total_{{ window }}d,
            count(case when week < {{ whole }} then 1 end) as weeks_{{ window }}d,
            max(case when week < {{ whole }} then week end) + 1 as weeks_since_first_{{ window }}d,
            sum(case when week < {{ whole }} then {{ squared("sales_amount") }} end) as square_sum_{{ window }}d,
            sum(
                case
                    when week < {{ whole }} and {{ whole }} * sales_amount < total_{{ window }}d
                        then
                            {{ squared("total_" ~ window ~ "d - " ~ whole ~ " * sales_amount") }}
                    else 0
                end
            ) as below_square_sum_{{ window }}d,
            max(case when week < {{ whole }} then 1 - {{ ratio("sales_amount", "peak_" ~ window ~ "d") }} end)
                as drawdown_share_{{ window }}d,
        {% endfor -%}
    {% for week in range(12) -%}
        sum(case when week = {{ week }} then sales_amount else 0 end) as week_{{ week }}{{ "," if not loop.last }}
    {% endfor -%}
    from courses
    group by seller_id, as_of
),

months as (
    select
        seller_id,
        as_of,
        month,
        sum(sales_amount) as sales_amount
    from courses
    group by seller_id, as_of, month
),

by_month as (
    select
        seller_id,
        as_of,
        max(sales_amount) as largest_month_amount_365d
    from months
    group by seller_id, as_of
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        {% for window, whole in whole_weeks.items() -%}
            {{ variation("by_week.total_" ~ window ~ "d", "by_week.square_sum_" ~ window ~ "d", whole) }}
                as weekly_sales_variation_ratio_{{ window }}d,
            sqrt({{ ratio(
                "by_week.below_square_sum_" ~ window ~ "d + (" ~ whole ~ " - by_week.weeks_" ~ window
                ~ "d) * " ~ squared("by_week.total_" ~ window ~ "d"),
                whole ~ " * " ~ squared("by_week.total_" ~ window ~ "d")
            ) }}) as weekly_sales_downside_ratio_{{ window }}d,
            case
                -- a week without sales after the first one with some
                when by_week.weeks_{{ window }}d < by_week.weeks_since_first_{{ window }}d then 1
                else by_week.drawdown_share_{{ window }}d
            end as largest_drawdown_share_{{ window }}d,
        {% endfor -%}
        case when presence.has_sales then 12 - coalesce(by_week.weeks_90d, 0) end as weeks_without_sale_90d,
        case when by_week.weeks_90d > 0 then {{ log_slope("by_week.week_", 12) }} end as weekly_sales_log_slope_90d,
        {{ ratio("by_month.largest_month_amount_365d", "by_week.total_365d") }} as largest_month_share_365d
    from spine
    inner join presence on presence.as_of = spine.as_of
    left join by_week on by_week.seller_id = spine.seller_id and by_week.as_of = spine.as_of
    left join by_month on by_month.seller_id = spine.seller_id and by_month.as_of = spine.as_of
)

select * from final
