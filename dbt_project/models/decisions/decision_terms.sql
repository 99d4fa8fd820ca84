{{ config(materialized="table", schema="intermediate") }}

with inputs as (
    select * from {{ ref("decision_inputs") }}
),

grades as (
    select * from {{ ref("policy_grades") }}
),

best as (
    select max(sales_months) as sales_months from grades
),

policy as (
    {{ policy_row(ref("policy_parameters"), [
        "limit_min_amount", "limit_max_amount", "limit_step_amount", "term_days", "installments",
        "loss_given_default", "funding_rate", "operating_rate", "margin_rate", "annual_rate_min", "annual_rate_max",
    ]) }}
),

-- Of equal installments the first is owed for a part of the term only. A policy that names no number has one.
repayment as (
    select
        coalesce(installments, 1) as installments,
        term_days * (1 + 1 / coalesce(installments, 1)) / 2 as average_life_days
    from policy
),

graded as (
    select
        inputs.seller_id,
        inputs.as_of,
        inputs.pd,
        coalesce(inputs.outstanding_amount, 0) as owed_amount,
        grades.grade,
        cast(policy.term_days as integer) as term_days,
        cast(repayment.installments as integer) as installments,
        policy.limit_min_amount,
        policy.annual_rate_max,
        {% for limit, sales_months, owed_amount in [
            ("limit_amount", "grades.sales_months", "inputs.outstanding_amount"),
            ("full_limit_amount", "best.sales_months", "inputs.outstanding_amount"),
            ("limit_before_debt_amount", "grades.sales_months", "0"),
        ] -%}
            greatest(
                floor(
                    least(
                        cast(
                            coalesce({{ sales_months }} * inputs.sales_amount_90d / 3, 0)
                            - coalesce({{ owed_amount }}, 0)
                            as decimal(18, 2)
                        ),
                        policy.limit_max_amount
                    ) / policy.limit_step_amount
                ) * policy.limit_step_amount,
                0
            ) as {{ limit }},
        {% endfor -%}
        -- A loan that defaults pays no interest: those that are repaid bear its costs too, hence the division.
        greatest(
            {{ rounded(
                "(policy.funding_rate + policy.operating_rate + policy.margin_rate"
                " + inputs.pd * policy.loss_given_default * 365 / repayment.average_life_days) / (1 - inputs.pd)",
                4
            ) }},
            policy.annual_rate_min
        ) as annual_rate
    from inputs
    cross join policy
    cross join repayment
    cross join best
    left join grades on inputs.pd >= grades.pd_from and inputs.pd < grades.pd_below
),

final as (
    select
        seller_id,
        as_of,
        grade,
        term_days,
        installments,
        annual_rate,
        cast(limit_amount as decimal(18, 2)) as limit_amount,
        cast(full_limit_amount as decimal(18, 2)) as full_limit_amount,
        cast(limit_before_debt_amount as decimal(18, 2)) as limit_before_debt_amount,
        cast(limit_min_amount as decimal(18, 2)) as limit_min_amount,
        cast(owed_amount as decimal(18, 2)) as owed_amount,
        pd is null as is_without_score,
        pd is not null and grade is null as is_pd_too_high,
        grade is not null and annual_rate > annual_rate_max as is_price_above_cap,
        grade is not null and limit_amount < limit_min_amount as is_limit_too_small,
        grade is not null and limit_amount < limit_min_amount and limit_before_debt_amount >= limit_min_amount
            as is_limit_used_up,
        grade is not null and limit_amount < full_limit_amount and full_limit_amount >= limit_min_amount
            as is_limit_lowered
    from graded
)

select * from final
