with source as (
    select * from {{ source("raw", "payments") }}
),

renamed as (
    select
        payment_id,
        seller_id,
        order_id,
        counterparty_id,
        direction,
        -- What goes against its kind undoes it, and is read as the kind that does so.
        case
            when kind in ('sale', 'settlement') and direction = 'out' then 'refund'
            when kind = 'payout' and direction = 'in' then 'transfer'
            when kind = 'loan_disbursement' and direction = 'out' then 'loan_repayment'
            when kind = 'loan_repayment' and direction = 'in' then 'loan_disbursement'
            when kind in ('refund', 'fee', 'penalty', 'purchase') and direction = 'in' then 'other'
            else kind
        end as kind,
        method,
        amount,
        occurred_at,
        {{ business_day("occurred_at") }} as occurred_on,
        balance_after as balance_amount,
        arrived_on
    from source
)

select * from renamed
