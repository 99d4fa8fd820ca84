{{ config(materialized="table", schema="intermediate") }}

with inputs as (
    select * from {{ ref("decision_inputs") }}
),

rules as (
    select * from {{ ref("policy_knockouts") }}
    where is_active
),

observed as (
    {% for name in knockout_inputs() %}
        select
            seller_id,
            as_of,
            '{{ name }}' as feature,
            cast({{ name }} as double) as value
        from inputs
        where {{ name }} is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (
    select
        observed.seller_id,
        observed.as_of,
        rules.reason_code,
        rules.priority,
        observed.feature,
        observed.value,
        rules.threshold
    from observed
    inner join rules on rules.feature = observed.feature
    where
        (rules.operator = '<' and observed.value < rules.threshold)
        or (rules.operator = '>' and observed.value > rules.threshold)
)

select * from final
