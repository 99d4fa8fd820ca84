-- What moves on the sellers' accounts in the block, but for what they pay out; signed cents.
-- origin and number make the payment's name; step puts movements of one second in order.
with final as (
    select
        seller, paid_second as second, 1 as step, 'S' as origin, order_no as number, order_no,
        buyer_name(buyer_no) as counterparty_id, 'sale' as kind,
        ['wallet', 'wallet', 'wallet', 'card', 'card', 'credit'][1 + (mixed(key, 50) % 6)::integer] as method, cents
    from facts
    where paid_second between getvariable('from_second') and getvariable('to_second')

    union all

    select
        seller, cancelled_second, 2, 'C', order_no, order_no, buyer_name(buyer_no), 'refund', 'wallet', -cents
    from facts
    where paid_second is not null and cancelled_second between getvariable('from_second') and getvariable('to_second')

    union all

    select
        seller, refunded_second, 2, 'R', order_no, order_no, buyer_name(buyer_no), 'refund', 'wallet', -refund_cents
    from facts
    where refunded_second between getvariable('from_second') and getvariable('to_second')

    union all

    -- A faker gives the money back by another way.
    select
        seller, back_second, 3, 'T', order_no, null, buyer_name(buyer_no), 'transfer', 'wallet',
        -(cents * (94 + (mixed(key, 51) % 6)::integer)) // 100
    from facts
    where back_second between getvariable('from_second') and getvariable('to_second')

    union all

    select
        seller, day::bigint * 86400 + 79200 + (mixed(seller, day) % 3000)::bigint, 4, 'B', seller::bigint * 100000 + day,
        null, 'U' || (hash(hash(seller, day // 60, getvariable('seed'))) % 4000), 'purchase', 'bank', -purchase_cents
    from settlements
    where purchase_cents > 0

    union all

    select
        seller, day::bigint * 86400 + 84000, 5, 'F', seller::bigint * 100000 + day, null, 'platform', 'fee', 'wallet',
        -fee_cents
    from settlements
    where fee_cents > 0

    union all

    select
        seller, disbursed_second, 6, 'L', loan, null, 'lender', 'loan_disbursement', 'wallet', principal_cents
    from loan_changes
    where status = 'disbursed' and disbursed_second between getvariable('from_second') and getvariable('to_second')

    union all

    select
        seller, paid_second, 7, 'I', loan * 100 + installment, null, 'lender', 'loan_repayment', 'wallet', -paid_cents
    from repayment_changes
    where paid_second between getvariable('from_second') and getvariable('to_second') and paid_cents > 0
)

select * from final
