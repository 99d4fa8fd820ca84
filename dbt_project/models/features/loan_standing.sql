-- Each loan and application as known on as_of, with what its installments come to.
{%- set sums = [
    "outstanding_amount", "overdue_amount", "due_amount", "due_paid_amount", "installments_due", "installments_on_time",
    "installments_early", "days_past_due_sum", "worst_days_past_due", "worst_days_past_due_90d",
    "worst_days_past_due_365d", "current_days_past_due", "maturity_days",
] %}

with borrowers as (
    select * from {{ ref("loan_borrowers") }}
),

loans as (
    select
        borrowers.borrower_id,
        borrowers.seller_id,
        borrowers.as_of,
        loans.loan_id,
        loans.status,
        loans.principal_amount,
        {{ age_days("loans.applied_on", "borrowers.as_of") }} as applied_days,
        {{ age_days("loans.disbursed_on", "borrowers.as_of") }} as disbursed_days
    from borrowers
    inner join {{ ref("stg_loans") }} as loans
        on
            loans.seller_id = borrowers.seller_id
            and {{ is_known_version("loans", "borrowers.as_of") }}
),

installments as (
    select
        loans.loan_id,
        loans.as_of,
        repayments.amount_due,
        {{ is_due("repayments", "loans.as_of") }} as is_due,
        repayments.paid_on < repayments.due_on as is_early,
        repayments.paid_on <= repayments.due_on as is_on_time,
        {{ is_settled("repayments") }} as is_settled,
        {{ days_past_due("repayments", "loans.as_of") }} as days_past_due,
        {{ age_days("repayments.paid_on", "loans.as_of") }} as paid_days,
        -({{ age_days("repayments.due_on", "loans.as_of") }}) as days_to_due,
        greatest(repayments.amount_due - repayments.amount_paid, 0) as owed_amount
    from loans
    inner join {{ ref("stg_repayments") }} as repayments
        on
            repayments.loan_id = loans.loan_id
            and {{ is_known_version("repayments", "loans.as_of") }}
            and {{ is_counted("repayments", "loans") }}
),

by_loan as (
    select
        loan_id,
        as_of,
        sum(owed_amount) as outstanding_amount,
        sum(case when is_due then owed_amount else 0 end) as overdue_amount,
        sum(case when is_due then amount_due else 0 end) as due_amount,
        sum(case when is_due then amount_due - owed_amount else 0 end) as due_paid_amount,
        count(case when is_due then 1 end) as installments_due,
        count(case when is_due and is_settled and is_on_time then 1 end) as installments_on_time,
        count(case when is_due and is_settled and is_early then 1 end) as installments_early,
        sum(case when is_due then days_past_due else 0 end) as days_past_due_sum,
        max(days_past_due) as worst_days_past_due,
        {% for window in [90, 365] -%}
            max(case when not is_settled or paid_days < {{ window }} then days_past_due end)
                as worst_days_past_due_{{ window }}d,
        {% endfor -%}
        max(case when not is_settled then days_past_due end) as current_days_past_due,
        max(case when not is_settled then greatest(days_to_due, 0) end) as maturity_days
    from installments
    group by loan_id, as_of
),

final as (
    select
        {% for column in sums -%}
            by_loan.{{ column }},
        {% endfor -%}
        loans.*
    from loans
    left join by_loan on by_loan.loan_id = loans.loan_id and by_loan.as_of = loans.as_of
)

select * from final
