-- Who had failed to repay, of all sellers, as known on each as_of of the spine.
with dates as (
    select distinct as_of from {{ ref("feature_spine") }}
),

loans as (
    select * from {{ ref("stg_loans") }}
),

-- Versions of installments that tell, from some day until they are superseded, that the loan was bad.
overdue as (
    select
        repayments.*,
        greatest(
            repayments.arrived_on, {{ fell_past_due_on("repayments", label("bad_days_past_due")) }}
        ) as bad_from
    from {{ ref("stg_repayments") }} as repayments
    where {{ fell_past_due_on("repayments", label("bad_days_past_due")) }} is not null
),

spells as (
    select
        seller_id,
        arrived_on as bad_from,
        superseded_on,
        superseded_on as loan_superseded_on
    from loans
    where status = 'written_off'

    union all

    select
        loans.seller_id,
        greatest(loans.arrived_on, overdue.bad_from) as bad_from,
        overdue.superseded_on,
        loans.superseded_on as loan_superseded_on
    from overdue
    inner join loans on loans.loan_id = overdue.loan_id and {{ is_counted("overdue", "loans") }}
),

final as (
    select distinct
        spells.seller_id,
        dates.as_of
    from dates
    inner join spells
        on
            spells.bad_from <= dates.as_of
            and (spells.superseded_on is null or spells.superseded_on > dates.as_of)
            and (spells.loan_superseded_on is null or spells.loan_superseded_on > dates.as_of)
)

select * from final
