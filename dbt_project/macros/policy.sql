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
words (words_without_orders) what its value is called where a seller is told (none where the reason's sentence says all)
and how it is written.
What rests on orders is null where the deployment has none, and the other way round: sales are its income then.
Features of the owner are of all its shops. Where none is worse than the seller's own, the rules for that one decide.
#}
{% macro knockout_inputs() %}
    {{ return({
        "is_inactive": {"sql": "case when seller_status = 'active' then 0 else 1 end"},
        "tenure_days": {},
        "orders_90d": {"sql": "case when coalesce(features.has_orders, true) then orders_90d end"},
        "income_payments_90d": {
            "sql": "case when not coalesce(features.has_orders, true) then orders_90d end",
            "words": "payments from sales, settlements and salaries in the last 90 days",
            "shown_as": "number",
        },
        "sales_amount_90d": {},
        "days_since_last_sale": {"sql": "case when coalesce(features.has_orders, true) then days_since_last_sale end"},
        "days_since_last_income": {
            "sql": "case when not coalesce(features.has_orders, true) then days_since_last_sale end",
            "words": "time since the last sale, settlement or salary",
            "shown_as": "days",
        },
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
            "words_without_orders": "days past due of the owner's other accounts",
            "shown_as": "days",
        },
        "other_shops_loans_written_off": {
            "sql": "owner_loans_written_off - loans_written_off",
            "words": "loans of the owner's other shops that were written off",
            "words_without_orders": "loans of the owner's other accounts that were written off",
            "shown_as": "number",
        },
        "landed_nights_365d": {},
    }) }}
{% endmacro %}

{# A text literal of whatever text. #}
{% macro text_literal(text) -%}{{ dbt.string_literal(dbt.escape_single_quotes(text)) }}{%- endmacro %}
