with source as (
    select * from {{ source("raw", "repayments") }}
),

renamed as (
    select
        loan_id,
        installment_no,
        due_on,
        amount_due,
        coalesce(amount_paid, 0) as amount_paid,
        cast(paid_at as date) as paid_on,
        arrived_on,
        lead(arrived_on) over (partition by loan_id, installment_no order by arrived_on) as superseded_on
    from source
)

select * from renamed
