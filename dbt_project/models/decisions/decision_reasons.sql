{{ config(materialized="table", schema="intermediate") }}

with knockouts as (
    select * from {{ ref("decision_knockouts") }}
),

terms as (
    select * from {{ ref("decision_terms") }}
),

model_reasons as (
    select
        reasons.seller_id,
        reasons.as_of,
        reasons.reason_code,
        300 + reasons.position as priority
    from {{ ref("decision_model_reasons") }} as reasons
    inner join terms on terms.seller_id = reasons.seller_id and terms.as_of = reasons.as_of
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
    select seller_id, as_of, reason_code, priority from model_reasons
    union all
    select seller_id, as_of, 'DEBT_USES_LIMIT', 400 from terms where is_limit_used_up
    union all
    select seller_id, as_of, 'LIMIT_TOO_SMALL', 400 from terms where is_limit_too_small and not is_limit_used_up
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
