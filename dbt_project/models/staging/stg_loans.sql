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
        nullif(principal, 0) as principal_amount,
        term_days,
        annual_rate,
        arrived_on,
        lead(arrived_on) over (partition by loan_id order by arrived_on) as superseded_on
    from source
),

-- Money that has gone out makes a loan of an application; a loan whose payout has no time was paid out when decided.
paid_out as (
    select
        loan_id,
        seller_id,
        applied_on,
        decided_on,
        case
            when status = 'declined' then null
            when disbursed_on is not null then disbursed_on
            when status in ('disbursed', 'repaid', 'written_off') then greatest(applied_on, decided_on)
        end as disbursed_on,
        case when status = 'applied' and disbursed_on is not null then 'disbursed' else status end as status,
        principal_amount,
        term_days,
        annual_rate,
        arrived_on,
        superseded_on
    from renamed
),

final as (
    select
        loan_id,
        seller_id,
        -- What was paid out had been asked for, so that the features of the decision know nothing of the loan itself.
        least(applied_on, disbursed_on) as applied_on,
        decided_on,
        disbursed_on,
        status,
        principal_amount,
        term_days,
        annual_rate,
        arrived_on,
        superseded_on
    from paid_out
)

select * from final
