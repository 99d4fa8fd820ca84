with final as (
    select
        loan as place,
        loan_name(loan) as loan_id,
        seller_name(seller) as seller_id,
        moment(applied_second) as applied_at,
        moment(decided_second) as decided_at,
        status,
        money(principal_cents) as principal,
        if(principal_cents is null, null, getvariable('term_days')::integer) as term_days,
        annual_rate,
        moment(disbursed_second) as disbursed_at,
        arrived_day as arrival
    from loan_changes
    where arrived_day between getvariable('first_day') and getvariable('last_day')
)

select * from final
