{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        on_schema_change="append_new_columns",
        partition_by=["as_of"],
        pre_hook="{{ delete_remade_nights() }}"
    )
}}

with inputs as (
    select * from {{ ref("decision_inputs") }}
),

terms as (
    select * from {{ ref("decision_terms") }}
),

reasons as (
    select
        seller_id,
        as_of,
        {{ ordered_list("reason_code", order_by=["position"]) }} as reason_codes
    from {{ ref("decision_reasons") }}
    where position <= 4
    group by seller_id, as_of
),

policy as (
    {{ policy_row(ref("policy_parameters"), [
        "budget_amount", "limit_min_amount", "limit_step_amount", "loss_given_default",
    ]) }}
),

passed as (
    select
        terms.*,
        coalesce(
            sum(terms.limit_amount) over (
                partition by terms.as_of
                order by inputs.pd, terms.seller_id
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as served_before_amount
    from terms
    inner join inputs on inputs.seller_id = terms.seller_id and inputs.as_of = terms.as_of
    left join reasons on reasons.seller_id = terms.seller_id and reasons.as_of = terms.as_of
    where reasons.seller_id is null
),

-- The first limit that does not fit is cut to what is left of the budget, so that nothing is left for those after it.
-- Without a budget that is null, which least passes over.
served as (
    select
        passed.seller_id,
        passed.as_of,
        passed.annual_rate,
        passed.term_days,
        passed.installments,
        policy.limit_min_amount,
        policy.loss_given_default,
        least(
            passed.limit_amount,
            floor(
                cast(policy.budget_amount - passed.served_before_amount as decimal(18, 2)) / policy.limit_step_amount
            ) * policy.limit_step_amount
        ) as limit_amount
    from passed
    cross join policy
),

funded as (
    select * from served
    where limit_amount >= limit_min_amount
),

final as (
    select
        inputs.seller_id,
        inputs.as_of,
        funded.seller_id is not null as is_eligible,
        inputs.pd,
        inputs.score,
        cast(coalesce(funded.limit_amount, 0) as decimal(18, 2)) as limit_amount,
        funded.annual_rate,
        funded.term_days,
        funded.installments,
        cast(
            coalesce({{ rounded("inputs.pd * funded.loss_given_default * funded.limit_amount", 2) }}, 0)
            as decimal(18, 2)
        ) as expected_loss_amount,
        case
            when funded.seller_id is not null then {{ list_of() }}
            else coalesce(reasons.reason_codes, {{ list_of("'BUDGET_SPENT'") }})
        end as reason_codes,
        inputs.model_version,
        '{{ var("policy_version") }}' as policy_version,
        '{{ var("run_id") }}' as run_id
    from inputs
    left join funded on funded.seller_id = inputs.seller_id and funded.as_of = inputs.as_of
    left join reasons on reasons.seller_id = inputs.seller_id and reasons.as_of = inputs.as_of
)

select * from final
