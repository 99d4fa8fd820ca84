with final as (
    select
        loan * 100 + installment as place,
        loan_name(loan) as loan_id,
        installment as installment_no,
        on_day(due_day) as due_on,
        money(due_cents) as amount_due,
        moment(paid_second) as paid_at,
        money(paid_cents) as amount_paid,
        arrived_day as arrival
    from repayment_changes
    where arrived_day between getvariable('first_day') and getvariable('last_day')
)

select * from final
