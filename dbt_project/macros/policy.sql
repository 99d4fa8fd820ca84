{# One row with the parameters of a policy seed as columns. #}
{% macro policy_row(seed, parameters) -%}
    select
        {% for parameter in parameters -%}
        max(case when parameter = '{{ parameter }}' then value end) as {{ parameter }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ seed }}
{%- endmacro %}

{#
What a knock-out may look at: a feature by its name or, with sql, what is made of a seller's features for it, and with
words what its value is called where a seller is told (none where the reason's sentence says all) and how it is written.
Features of the owner are of all its shops. Where none is worse than the seller's own, the rules for that one decide.
#}
{% macro knockout_inputs() %}
    {{ return({
        "is_inactive": {"sql": "case when seller_status = 'active' then 0 else 1 end"},
        "tenure_days": {},
        "orders_90d": {},
        "sales_amount_90d": {},
        "days_since_last_sale": {},
        "cancellation_rate_90d": {},
        "late_delivery_rate_90d": {},
        "refund_rate_90d": {},
        "average_rating_90d": {},
        "top_buyer_share_90d": {},
        "current_days_past_due": {},
        "loans_written_off": {},
        "other_shops_days_past_due": {
            "sql": "case when owner_current_days_past_due > current_days_past_due"
                " then owner_current_days_past_due else 0 end",
            "words": "days past due of the owner's other shops",
            "shown_as": "days",
        },
        "other_shops_loans_written_off": {
            "sql": "owner_loans_written_off - loans_written_off",
            "words": "loans of the owner's other shops that were written off",
            "shown_as": "number",
        },
        "landed_nights_365d": {},
    }) }}
{% endmacro %}

{# A text literal of whatever text. #}
{% macro text_literal(text) -%}{{ dbt.string_literal(dbt.escape_single_quotes(text)) }}{%- endmacro %}
