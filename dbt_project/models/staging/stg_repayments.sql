with source as (
    select * from {{ source("raw", "repayments") }}
),

renamed as (
    select
        loan_id,
        installment_no,
        due_on,
        amount_due,
        coalesce(amount_paid, case when paid_at is not null then amount_due else 0 end) as amount_paid,
        {{ business_day("paid_at") }} as paid_on,
        arrived_on,
        lead(arrived_on) over (partition by loan_id, installment_no order by arrived_on) as superseded_on,
        min(arrived_on) over (partition by loan_id, installment_no) as first_told_on,
        min(case when amount_paid >= amount_due then arrived_on end)
            over (
                partition by loan_id, installment_no
                order by arrived_on
                rows between unbounded preceding and current row
            ) as first_told_paid_on
    from source
),

-- A full payment without a time: a row that changes arrives on the day of the change, so it is of that day if the
-- installment had been open before; if nothing tells so it was not late.
final as (
    select
        loan_id,
        installment_no,
        due_on,
        amount_due,
        amount_paid,
        case
            when paid_on is not null or amount_paid < amount_due then paid_on
            when first_told_paid_on > first_told_on then first_told_paid_on
            else least(due_on, first_told_paid_on)
        end as paid_on,
        arrived_on,
        superseded_on
    from renamed
    where amount_due > 0
)

select * from final
