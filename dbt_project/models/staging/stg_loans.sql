with source as (
    select * from {{ source("raw", "loans") }}
),

renamed as (
    select
        loan_id,
        seller_id,
        cast(applied_at as date) as applied_on,
        cast(decided_at as date) as decided_on,
        cast(disbursed_at as date) as disbursed_on,
        status,
        principal as principal_amount,
        term_days,
        annual_rate,
        arrived_on,
        lead(arrived_on) over (partition by loan_id order by arrived_on) as superseded_on
    from source
)

select * from renamed
