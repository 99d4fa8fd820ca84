with final as (
    select loan as place, loan_name(loan) as loan_id, seller_name(seller) as seller_id, true_pd, day as arrival
    from true_loans
)

select * from final
