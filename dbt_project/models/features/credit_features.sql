with spine as (
    select * from {{ ref("feature_spine") }}
),

presence as (
    select * from {{ ref("feature_presence") }}
),

sales as (
    select * from {{ ref("sales_windows") }}
),

borrowers as (
    select * from {{ ref("loan_borrowers") }}
),

loans as (
    select * from {{ ref("loan_history") }}
),

owners as (
    select * from {{ ref("owner_loans") }}
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        {% for column in [
            "loan_applications_90d", "loan_applications_365d", "loan_declines_365d", "loans_taken", "loans_open",
            "loans_repaid", "loans_written_off", "installments_due", "worst_days_past_due", "worst_days_past_due_90d",
            "worst_days_past_due_365d", "current_days_past_due",
        ] -%}
            case when presence.has_loans then cast(coalesce(loans.{{ column }}, 0) as bigint) end as {{ column }},
        {% endfor -%}
        {% for column in ["outstanding_amount", "overdue_amount"] -%}
            case when presence.has_loans then cast(coalesce(loans.{{ column }}, 0) as decimal(18, 2)) end
                as {{ column }},
        {% endfor -%}
        cast(loans.days_since_first_loan as bigint) as days_since_first_loan,
        cast(loans.days_since_last_loan as bigint) as days_since_last_loan,
        cast(loans.loan_maturity_days as bigint) as loan_maturity_days,
        loans.largest_loan_amount,
        {{ ratio("loans.installments_on_time", "loans.installments_due") }} as on_time_installment_share,
        {{ ratio("loans.installments_early", "loans.installments_due") }} as early_installment_share,
        {{ ratio("loans.days_past_due_sum", "loans.installments_due") }} as mean_days_past_due,
        {{ ratio("loans.due_paid_amount", "loans.due_amount") }} as repaid_due_share,
        {{ ratio("loans.overdue_amount", "loans.outstanding_amount") }} as overdue_share,
        {{ ratio("loans.open_outstanding_amount", "loans.open_principal_amount") }} as utilisation_ratio,
        {{ ratio(
            "3 * case when presence.has_loans then coalesce(loans.outstanding_amount, 0) end", "sales.sales_amount_90d"
        ) }} as outstanding_sales_ratio_90d,
        {% for column in ["worst_days_past_due", "current_days_past_due", "loans_written_off"] -%}
            case when presence.has_loans then cast(coalesce(owners.{{ column }}, 0) as bigint) end
                as owner_{{ column }},
        {% endfor -%}
        case when presence.has_loans then cast(coalesce(owners.outstanding_amount, 0) as decimal(18, 2)) end
            as owner_outstanding_amount
    from spine
    inner join presence on presence.as_of = spine.as_of
    inner join borrowers on borrowers.seller_id = spine.seller_id and borrowers.as_of = spine.as_of
    left join sales on sales.seller_id = spine.seller_id and sales.as_of = spine.as_of
    left join loans on loans.seller_id = spine.seller_id and loans.as_of = spine.as_of
    left join owners on owners.borrower_id = borrowers.borrower_id and owners.as_of = borrowers.as_of
)

select * from final
