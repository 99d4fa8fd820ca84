{{ config(materialized="table", schema="intermediate") }}

with inputs as (
    select * from {{ ref("decision_inputs") }}
),

positions as (
    {% for position in range(1, 5) %}
        select {{ position }} as position
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

unnested as (
    select
        inputs.seller_id,
        inputs.as_of,
        positions.position,
        {{ element("inputs.reasons", "positions.position") }} as reason_code,
        {{ element("inputs.reason_details", "positions.position") }} as detail
    from inputs
    cross join positions
),

final as (
    select
        seller_id,
        as_of,
        position,
        reason_code,
        {{ field("detail", "feature") }} as feature,
        {{ field("detail", "seller_value") }} as seller_value,
        {{ field("detail", "typical_value") }} as typical_value
    from unnested
    where reason_code is not null
)

select * from final
