-- The loans of a seller and of its owner's other shops, one row per borrower.
with loans as (
    select * from {{ ref("loan_history") }}
),

final as (
    select
        borrower_id,
        as_of,
        sum(outstanding_amount) as outstanding_amount,
        max(worst_days_past_due) as worst_days_past_due,
        max(current_days_past_due) as current_days_past_due,
        sum(loans_written_off) as loans_written_off
    from loans
    group by borrower_id, as_of
)

select * from final
