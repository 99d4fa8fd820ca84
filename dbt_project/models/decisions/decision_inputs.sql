{{ config(materialized="table", schema="intermediate") }}

with features as (
    select * from {{ ref("seller_features") }}
    where as_of in ({{ as_of_literals() }})
),

scores as (
    select * from {{ ref("credit_scores") }}
),

final as (
    select
        features.seller_id,
        features.as_of,
        features.outstanding_amount,
        coalesce(features.has_orders, true) as has_orders,
        {% for name, input in knockout_inputs().items() %}
            {{ input.sql or name }} as {{ name }},
        {% endfor %}
        scores.pd,
        scores.score,
        scores.reasons,
        scores.reason_details,
        scores.model_version
    from features
    left join scores on scores.seller_id = features.seller_id and scores.as_of = features.as_of
)

select * from final
