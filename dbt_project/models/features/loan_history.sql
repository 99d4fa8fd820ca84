-- What a seller's loans come to as known on as_of: those of the spine and of their owners' other shops.
{%- set is_open = "status = 'disbursed'" %}

with loans as (
    select * from {{ ref("loan_standing") }}
),

final as (
    select
        borrower_id,
        seller_id,
        as_of,
        {% for window in [90, 365] -%}
            count(case when applied_days < {{ window }} then 1 end) as loan_applications_{{ window }}d,
        {% endfor -%}
        count(case when applied_days < 365 and status = 'declined' then 1 end) as loan_declines_365d,
        count(disbursed_days) as loans_taken,
        count(case when {{ is_open }} then 1 end) as loans_open,
        count(case when status = 'repaid' then 1 end) as loans_repaid,
        count(case when status = 'written_off' then 1 end) as loans_written_off,
        max(disbursed_days) as days_since_first_loan,
        min(disbursed_days) as days_since_last_loan,
        max(case when disbursed_days is not null then principal_amount end) as largest_loan_amount,
        {% for column in [
            "outstanding_amount", "overdue_amount", "due_amount", "due_paid_amount", "installments_due",
            "installments_on_time", "installments_early", "days_past_due_sum",
        ] -%}
            sum({{ column }}) as {{ column }},
        {% endfor -%}
        {% for column in [
            "worst_days_past_due", "worst_days_past_due_90d", "worst_days_past_due_365d", "current_days_past_due",
        ] -%}
            max({{ column }}) as {{ column }},
        {% endfor -%}
        max(case when {{ is_open }} then maturity_days end) as loan_maturity_days,
        sum(case when {{ is_open }} and principal_amount is not null then outstanding_amount end)
            as open_outstanding_amount,
        sum(case when {{ is_open }} then principal_amount end) as open_principal_amount
    from loans
    group by borrower_id, seller_id, as_of
)

select * from final
