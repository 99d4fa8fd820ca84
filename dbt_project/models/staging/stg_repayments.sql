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
        coalesce({{ business_day("paid_at") }}, case when amount_paid >= amount_due then arrived_on end) as paid_on,
        arrived_on,
        lead(arrived_on) over (partition by loan_id, installment_no order by arrived_on) as superseded_on
    from source
)

select * from renamed
