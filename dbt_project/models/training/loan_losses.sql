-- What became of the principal of loans that went bad, as old as a label demands. A loan without a known schedule is
-- left out, for nobody knows what was paid on it; one that is booked as repaid in the end lost nothing.
with outcomes as (
    select * from {{ ref("loan_outcomes") }}
    where bad_on <= matures_on and matures_on <= {{ date_literal(var("training_as_of")) }}
),

loans as (
    select
        outcomes.loan_id,
        outcomes.seller_id,
        loans.status,
        loans.principal_amount
    from outcomes
    inner join {{ ref("stg_loans") }} as loans
        on
            loans.loan_id = outcomes.loan_id
            and {{ is_known_version("loans", date_literal(var("training_as_of"))) }}
    where loans.principal_amount > 0
),

payments as (
    select
        repayments.loan_id,
        sum(repayments.amount_paid) as paid_amount
    from {{ ref("stg_repayments") }} as repayments
    where {{ is_known_version("repayments", date_literal(var("training_as_of"))) }}
    group by repayments.loan_id
),

final as (
    select
        loans.loan_id,
        loans.seller_id,
        loans.principal_amount,
        payments.paid_amount,
        case
            when loans.status = 'repaid' then 0
            else greatest(1 - {{ ratio("payments.paid_amount", "loans.principal_amount") }}, 0)
        end as lost_share
    from loans
    inner join payments on payments.loan_id = loans.loan_id
)

select * from final
