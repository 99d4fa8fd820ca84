{{ config(materialized="table", schema="intermediate") }}

with inputs as (
    select * from {{ ref("decision_inputs") }}
),

knockouts as (
    select * from {{ ref("decision_knockouts") }}
),

terms as (
    select * from {{ ref("decision_terms") }}
),

positions as (
    {% for position in range(1, 5) %}
        select {{ position }} as position
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

model_reasons as (
    select
        inputs.seller_id,
        inputs.as_of,
        inputs.reasons[positions.position] as reason_code,
        300 + positions.position as priority
    from inputs
    inner join terms on terms.seller_id = inputs.seller_id and terms.as_of = inputs.as_of
    cross join positions
    where terms.is_pd_too_high or terms.is_price_above_cap
),

causes as (
    select seller_id, as_of, reason_code, priority from knockouts
    union all
    select seller_id, as_of, 'NO_SCORE', 100 from terms where is_without_score
    union all
    select seller_id, as_of, 'PD_TOO_HIGH', 200 from terms where is_pd_too_high
    union all
    select seller_id, as_of, 'PRICE_ABOVE_CAP', 210 from terms where is_price_above_cap
    union all
    select seller_id, as_of, reason_code, priority from model_reasons where reason_code is not null
    union all
    select seller_id, as_of, 'LIMIT_TOO_SMALL', 400 from terms where is_limit_too_small
),

final as (
    select
        seller_id,
        as_of,
        reason_code,
        row_number() over (partition by seller_id, as_of order by min(priority), reason_code) as position
    from causes
    group by seller_id, as_of, reason_code
)

select * from final
