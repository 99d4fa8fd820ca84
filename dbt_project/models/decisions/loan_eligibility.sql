{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        on_schema_change="append_new_columns",
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
        array_agg(reason_code order by position) as reason_codes
    from {{ ref("decision_reasons") }}
    where position <= 4
    group by seller_id, as_of
),

policy as (
    {{ policy_row(ref("policy_parameters"), ["budget_amount"]) }}
),

passed as (
    select
        terms.*,
        sum(terms.limit_amount) over (
            partition by terms.as_of
            order by inputs.pd, terms.seller_id
            rows between unbounded preceding and current row
        ) as budget_used_amount
    from terms
    inner join inputs on inputs.seller_id = terms.seller_id and inputs.as_of = terms.as_of
    left join reasons on reasons.seller_id = terms.seller_id and reasons.as_of = terms.as_of
    where reasons.seller_id is null
),

funded as (
    select passed.*
    from passed
    cross join policy
    where policy.budget_amount is null or passed.budget_used_amount <= policy.budget_amount
),

final as (
    select
        inputs.seller_id,
        inputs.as_of,
        funded.seller_id is not null as is_eligible,
        inputs.pd,
        inputs.score,
        coalesce(funded.limit_amount, 0) as limit_amount,
        funded.annual_rate,
        funded.term_days,
        funded.installments,
        coalesce(funded.expected_loss_amount, 0) as expected_loss_amount,
        case
            when funded.seller_id is not null then cast([] as varchar[])
            else coalesce(reasons.reason_codes, ['BUDGET_SPENT'])
        end as reason_codes,
        inputs.model_version,
        '{{ var("policy_version") }}' as policy_version,
        '{{ var("run_id") }}' as run_id
    from inputs
    left join funded on funded.seller_id = inputs.seller_id and funded.as_of = inputs.as_of
    left join reasons on reasons.seller_id = inputs.seller_id and reasons.as_of = inputs.as_of
)

select * from final
