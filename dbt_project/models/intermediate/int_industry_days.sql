-- A few rows a night for all sellers together. Each seller counts in the industry in which it was known that night.
{{ config(materialized="partials", stored_by="industry") }}

{%- set measures_by_partial = {
    "int_sales_days": ["orders", "sales_amount"],
    "int_refund_days": ["refunds", "refund_amount"],
    "int_review_days": ["reviews", "rating_sum", "five_star_ratings"],
} %}

with sellers as (
    select * from {{ ref("stg_sellers") }}
),

days as (
    {% for partial, measures in measures_by_partial.items() %}
        select
            seller_id,
            {{ "sales_source" if partial == "int_sales_days" else "null as sales_source" }},
            event_on,
            arrived_on,
        {% for measure in industry_measures() -%}
            {{ "" if measure in measures else "0 as " }}{{ measure }}{{ "," if not loop.last }}
        {% endfor -%}
        from {{ ref(partial) }}
        where {{ is_rebuilt("arrived_on") }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

partials as (
    select
        coalesce(sellers.industry, 'unknown') as industry,
        days.sales_source,
        days.event_on,
        days.arrived_on,
    {% for measure in industry_measures() -%}
        cast(sum(days.{{ measure }}) as {{ "decimal(18, 2)" if measure.endswith("_amount") else "bigint" }})
            as {{ measure }}{{ "," if not loop.last }}
    {% endfor -%}
    from days
    left join sellers on sellers.seller_id = days.seller_id and {{ is_known_version("sellers", "days.arrived_on") }}
    group by coalesce(sellers.industry, 'unknown'), days.sales_source, days.event_on, days.arrived_on
),

final as (
    select *
    from partials
    where {{ any_measure(industry_measures()) }}
)

select * from final
