{{ config(materialized="table", schema="intermediate") }}

with offers as (
    select * from {{ ref("loan_eligibility") }}
    where as_of in ({{ as_of_literals() }})
),

terms as (
    select * from {{ ref("decision_terms") }}
),

inputs as (
    select * from {{ ref("decision_inputs") }}
),

codes as (
    select * from {{ source("policy", "reason_codes") }}
),

knockouts as (
    select
        *,
        row_number() over (partition by seller_id, as_of, reason_code order by priority) as rule_no
    from {{ ref("decision_knockouts") }}
),

-- Whose risk costs the offer or a part of it. A lower limit costs nothing where a rule or the budget declines anyway,
-- or the budget leaves even less.
risky as (
    select
        offers.seller_id,
        offers.as_of,
        offers.is_eligible
    from offers
    inner join terms on terms.seller_id = offers.seller_id and terms.as_of = offers.as_of
    where
        terms.is_pd_too_high
        or terms.is_price_above_cap
        or (
            terms.is_limit_lowered
            and (offers.is_eligible and offers.limit_amount = terms.limit_amount or terms.is_limit_too_small)
        )
),

model_reasons as (
    select reasons.*
    from {{ ref("decision_model_reasons") }} as reasons
    inner join risky on risky.seller_id = reasons.seller_id and risky.as_of = reasons.as_of
),

explained as (
    select distinct
        seller_id,
        as_of
    from model_reasons
),

stated as (
    select
        seller_id,
        as_of,
        reason_code,
        position
    from {{ ref("decision_reasons") }}
    where reason_code not in (select codes.code from codes where codes.kind = 'model')
    union all
    select seller_id, as_of, 'RISK_LOWERS_LIMIT', 1 from risky where is_eligible
    union all
    select offers.seller_id, offers.as_of, 'BUDGET_LOWERS_LIMIT', 1
    from offers
    inner join terms on terms.seller_id = offers.seller_id and terms.as_of = offers.as_of
    where offers.is_eligible and offers.limit_amount < terms.limit_amount
    union all
    select seller_id, as_of, 'BUDGET_SPENT', 1 from offers where {{ element("reason_codes", 1) }} = 'BUDGET_SPENT'
),

causes as (
    select
        seller_id,
        as_of,
        reason_code,
        position,
        feature,
        seller_value,
        typical_value,
        cast(null as double) as threshold,
        cast(null as decimal(18, 2)) as owed_amount,
        cast(null as decimal(18, 2)) as limit_before_debt_amount,
        cast(null as decimal(18, 2)) as limit_min_amount
    from model_reasons

    union all

    select
        stated.seller_id,
        stated.as_of,
        stated.reason_code,
        stated.position,
        knockouts.feature,
        knockouts.value as seller_value,
        cast(null as double) as typical_value,
        knockouts.threshold,
        limits.owed_amount,
        limits.limit_before_debt_amount,
        limits.limit_min_amount
    from stated
    left join knockouts
        on
            knockouts.seller_id = stated.seller_id
            and knockouts.as_of = stated.as_of
            and knockouts.reason_code = stated.reason_code
            and knockouts.rule_no = 1
    left join terms as limits
        on
            limits.seller_id = stated.seller_id
            and limits.as_of = stated.as_of
            and stated.reason_code in ('DEBT_USES_LIMIT', 'LIMIT_TOO_SMALL')
    left join explained on explained.seller_id = stated.seller_id and explained.as_of = stated.as_of
    -- These say no more than that the risk is too high: told only where the model does not say why.
    where
        explained.seller_id is null
        or stated.reason_code not in ('PD_TOO_HIGH', 'PRICE_ABOVE_CAP', 'RISK_LOWERS_LIMIT')
),

final as (
    select
        causes.*,
        inputs.has_orders
    from causes
    inner join inputs on inputs.seller_id = causes.seller_id and inputs.as_of = causes.as_of
)

select * from final
