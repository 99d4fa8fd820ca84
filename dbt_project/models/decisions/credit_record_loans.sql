{{ config(materialized="table", schema="intermediate") }}

with features as (
    select * from {{ ref("seller_features") }}
    where as_of in ({{ as_of_literals() }})
),

loans as (
    select
        features.as_of,
        loans.*
    from features
    inner join {{ ref("stg_loans") }} as loans
        on
            loans.seller_id = features.seller_id
            and {{ is_known_version("loans", "features.as_of") }}
),

installments as (
    select
        loans.as_of,
        repayments.*,
        cast({{ days_past_due("repayments", "loans.as_of") }} as bigint) as days_past_due,
        {{ is_settled("repayments") }} as is_settled,
        {{ is_due("repayments", "loans.as_of") }} as is_due
    from loans
    inner join {{ ref("stg_repayments") }} as repayments
        on
            repayments.loan_id = loans.loan_id
            and {{ is_known_version("repayments", "loans.as_of") }}
            and {{ is_counted("repayments", "loans") }}
),

schedules as (
    select
        loan_id,
        as_of,
        count(case when is_due then 1 end) as installments_due,
        count(case when is_due and is_settled and days_past_due = 0 then 1 end) as installments_paid_on_time,
        count(case when is_due and is_settled and days_past_due > 0 then 1 end) as installments_paid_late,
        {{ ordered_list(
            row_of(["installment_no", "due_on", "amount_due", "amount_paid", "paid_on", "days_past_due"]),
            order_by=["installment_no"]
        ) }} as installments
    from installments
    group by loan_id, as_of
),

final as (
    select
        loans.seller_id,
        loans.as_of,
        loans.loan_id,
        loans.status,
        loans.applied_on,
        loans.disbursed_on,
        loans.principal_amount,
        loans.term_days,
        loans.annual_rate,
        coalesce(schedules.installments_due, 0) as installments_due,
        coalesce(schedules.installments_paid_on_time, 0) as installments_paid_on_time,
        coalesce(schedules.installments_paid_late, 0) as installments_paid_late,
        coalesce(schedules.installments, {{ list_of() }}) as installments
    from loans
    left join schedules on schedules.loan_id = loans.loan_id and schedules.as_of = loans.as_of
)

select * from final
