-- One label a decision: what was applied for on one day is decided at once, and matures with the last of it.
with by_decision as (
    select
        outcomes.seller_id,
        cast({{ dbt.dateadd("day", -1, "outcomes.applied_on") }} as date) as as_of,
        max(outcomes.matures_on) as matures_on,
        max(case when outcomes.bad_on <= outcomes.matures_on then 1 else 0 end) = 1 as is_default,
        max(case when outcomes.late_on <= outcomes.matures_on then 1 else 0 end) = 1 as is_late,
        max(case when outcomes.early_payment_default_on <= outcomes.matures_on then 1 else 0 end) = 1
            as is_early_payment_default
    from {{ ref("loan_outcomes") }} as outcomes
    where outcomes.has_outcome or outcomes.bad_on <= outcomes.matures_on
    group by outcomes.seller_id, outcomes.applied_on
),

final as (
    select
        seller_id,
        as_of,
        matures_on,
        'loan_default' as label_kind,
        is_default,
        is_late and not is_default as is_indeterminate,
        is_early_payment_default
    from by_decision
    where matures_on <= {{ date_literal(var("training_as_of")) }}
)

select * from final
