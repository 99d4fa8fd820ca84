{%- set tables = ["orders", "payments", "refunds", "reviews", "loans"] -%}

with dates as (
    select distinct as_of from {{ ref("feature_spine") }}
),

nights as (
    select * from {{ ref("int_landed_nights") }}
),

flags as (
    select
        dates.as_of,
        {% for table in tables -%}
            coalesce(max(case when nights.table_name = '{{ table }}' then 1 end), 0) = 1 as has_{{ table }},
        {% endfor -%}
        {% for window in [90, 365] -%}
            count(distinct case
                when nights.arrived_on > {{ dbt.dateadd("day", -window, "dates.as_of") }} then nights.arrived_on
            end) as landed_nights_{{ window }}d,
        {% endfor -%}
        {{ tables | length }} - count(
            distinct case when nights.table_name not in ('sellers', 'repayments') then nights.table_name end
        ) as missing_tables
    from dates
    left join nights on dates.as_of >= nights.arrived_on
    group by dates.as_of
),

final as (
    select
        *,
        has_orders or has_payments as has_sales,
        case when has_orders then 'orders' else 'payments' end as sales_source
    from flags
)

select * from final
