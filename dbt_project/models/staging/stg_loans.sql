with source as (
    select * from {{ source("raw", "loans") }}
),

renamed as (
    select
        loan_id,
        seller_id,
        {{ business_day("applied_at") }} as applied_on,
        {{ business_day("decided_at") }} as decided_on,
        {{ business_day("disbursed_at") }} as disbursed_on,
        status,
        principal as principal_amount,
        term_days,
        annual_rate,
        arrived_on,
        lead(arrived_on) over (partition by loan_id order by arrived_on) as superseded_on
    from source
)

select * from renamed
