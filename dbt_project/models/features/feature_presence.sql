{%- set tables = ["orders", "payments", "refunds", "reviews", "loans"] -%}

with dates as (
    select distinct as_of from {{ ref("feature_spine") }}
),

nights as (
    select * from {{ ref("int_landed_nights") }}
),

-- Since which night the deployment has told of what not every one does: none of it is not known before, and 0 after.
told as (
    select
        min(case when penalties > 0 then arrived_on end) as penalties_from,
        min(case when pay_payments > 0 then arrived_on end) as pay_from
    from {{ ref("int_payment_days") }}
),

named as (
    select min(arrived_on) as counterparties_from from {{ ref("int_counterparty_days") }}
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
        flags.*,
        coalesce(flags.as_of >= told.penalties_from, false) as has_penalties,
        coalesce(flags.as_of >= told.pay_from, false) as has_pay,
        coalesce(flags.as_of >= named.counterparties_from, false) as has_counterparties,
        flags.has_orders or flags.has_payments as has_sales,
        case when flags.has_orders then 'orders' else 'payments' end as sales_source
    from flags
    cross join told
    cross join named
)

select * from final
