{# What was known on as_of of a seller's loans; one row per (seller_id, as_of) with an application by then. #}
{% macro loan_history(spine) -%}
    with loans as (
        select
            spine.seller_id,
            spine.as_of,
            loans.loan_id,
            loans.applied_on,
            loans.status,
            loans.disbursed_on
        from {{ spine }} as spine
        inner join {{ ref("stg_loans") }} as loans
            on
                loans.seller_id = spine.seller_id
                and loans.arrived_on <= spine.as_of
                and (loans.superseded_on is null or loans.superseded_on > spine.as_of)
    ),

    installments as (
        select
            loans.seller_id,
            loans.as_of,
            {{ days_past_due("repayments", "loans.as_of") }} as days_past_due,
            {{ is_settled("repayments") }} as is_settled,
            greatest(repayments.amount_due - repayments.amount_paid, 0) as owed_amount
        from loans
        inner join {{ ref("stg_repayments") }} as repayments
            on
                repayments.loan_id = loans.loan_id
                and repayments.arrived_on <= loans.as_of
                and (repayments.superseded_on is null or repayments.superseded_on > loans.as_of)
    ),

    by_loan as (
        select
            seller_id,
            as_of,
            count(case when {{ age_days("applied_on", "as_of") }} < 365 then 1 end) as loan_applications_365d,
            count(disbursed_on) as loans_taken,
            count(case when status = 'written_off' then 1 end) as loans_written_off
        from loans
        group by seller_id, as_of
    ),

    by_installment as (
        select
            seller_id,
            as_of,
            max(days_past_due) as worst_days_past_due,
            max(case when not is_settled then days_past_due end) as current_days_past_due,
            sum(owed_amount) as outstanding_amount
        from installments
        group by seller_id, as_of
    )

    select
        by_loan.*,
        by_installment.worst_days_past_due,
        by_installment.current_days_past_due,
        by_installment.outstanding_amount
    from by_loan
    left join by_installment on by_installment.seller_id = by_loan.seller_id and by_installment.as_of = by_loan.as_of
{%- endmacro %}

{# Whether an instalment is paid in full. #}
{% macro is_settled(repayments) -%}
    ({{ repayments }}.paid_on is not null and {{ repayments }}.amount_paid >= {{ repayments }}.amount_due)
{%- endmacro %}

{# Days by which an instalment was or is late on a day; 0 when it is not due yet or was paid in time. #}
{% macro days_past_due(repayments, on) -%}
    greatest({{ dbt.datediff(
        repayments ~ ".due_on",
        "case when " ~ is_settled(repayments) ~ " and " ~ repayments ~ ".paid_on <= " ~ on
        ~ " then " ~ repayments ~ ".paid_on else " ~ on ~ " end",
        "day"
    ) }}, 0)
{%- endmacro %}
