{% macro credit_features() -%}
    case when presence.has_loans then coalesce(loans.loan_applications_365d, 0) end as loan_applications_365d,
    case when presence.has_loans then coalesce(loans.loans_taken, 0) end as loans_taken,
    case when presence.has_loans then coalesce(loans.loans_written_off, 0) end as loans_written_off,
    case when presence.has_loans then coalesce(loans.worst_days_past_due, 0) end as worst_days_past_due,
    case when presence.has_loans then coalesce(loans.current_days_past_due, 0) end as current_days_past_due,
    case when presence.has_loans then cast(coalesce(loans.outstanding_amount, 0) as decimal(18, 2)) end
        as outstanding_amount
{%- endmacro %}
