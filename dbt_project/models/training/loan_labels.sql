with policy as (
    {{ policy_row(ref("policy_label"), ["bad_days_past_due", "loan_performance_days"]) }}
),

loans as (
    select
        loans.*,
        cast({{ dbt.dateadd("day", "cast(policy.loan_performance_days as integer)", "loans.disbursed_on") }} as date)
            as matures_on
    from {{ ref("stg_loans") }} as loans
    cross join policy
    where
        loans.disbursed_on is not null
        and loans.arrived_on <= {{ date_literal(var("training_as_of")) }}
        and (loans.superseded_on is null or loans.superseded_on > {{ date_literal(var("training_as_of")) }})
),

matured as (
    select *
    from loans
    where matures_on <= {{ date_literal(var("training_as_of")) }}
),

known_repayments as (
    select *
    from {{ ref("stg_repayments") }}
    where
        arrived_on <= {{ date_literal(var("training_as_of")) }}
        and (superseded_on is null or superseded_on > {{ date_literal(var("training_as_of")) }})
),

lateness as (
    select
        matured.loan_id,
        max({{ days_past_due("repayments", "matured.matures_on") }}) as worst_days_past_due
    from matured
    inner join known_repayments as repayments on repayments.loan_id = matured.loan_id
    group by matured.loan_id
),

by_decision as (
    select
        matured.seller_id,
        cast({{ dbt.dateadd("day", -1, "matured.applied_on") }} as date) as as_of,
        max(matured.matures_on) as matures_on,
        max(lateness.worst_days_past_due) as worst_days_past_due,
        max(case when matured.status = 'written_off' and matured.arrived_on <= matured.matures_on then 1 else 0 end) = 1
            as is_written_off
    from matured
    left join lateness on lateness.loan_id = matured.loan_id
    group by matured.seller_id, matured.applied_on
),

final as (
    select
        by_decision.seller_id,
        by_decision.as_of,
        by_decision.matures_on,
        'loan_default' as label_kind,
        by_decision.is_written_off or by_decision.worst_days_past_due >= policy.bad_days_past_due as is_default
    from by_decision
    cross join policy
    where by_decision.is_written_off or by_decision.worst_days_past_due is not null
)

select * from final
