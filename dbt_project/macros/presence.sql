{# Which raw tables the deployment has by each as_of of the spine, and how many nights were landed. A feature of a
   table that is absent is null. #}
{% macro presence(spine) -%}
    {% set tables = ["orders", "payments", "refunds", "reviews", "loans"] %}
    with dates as (
        select distinct as_of from {{ spine }}
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
            end) as landed_nights_{{ window }}d{{ "," if not loop.last }}
            {% endfor %}
        from dates
        left join {{ ref("int_landed_nights") }} as nights on nights.arrived_on <= dates.as_of
        group by dates.as_of
    )

    select
        *,
        has_orders or has_payments as has_sales,
        case when has_orders then 'orders' else 'payments' end as sales_source
    from flags
{%- endmacro %}
