-- One row per order placed in the block: all that will ever happen to it. Times are seconds, days are days, both from the
-- first night; *_arrival is the day on which the platform hears of it, null where it never happens.
with placed as (
    select
        seller_days.*,
        unnest(range(orders + fake_orders)) as nth
    from seller_days
),

keyed as (
    select
        *,
        nth >= orders as is_fake,
        (seller::bigint * 10000 + day) * 10000 + nth as order_no,
        hash(hash(seller, day, nth, getvariable('seed'))) as key,
        hash(hash(seller, day, getvariable('seed'))) as day_key
    from placed
),

ordered as (
    select
        keyed.*,
        sellers.industry,
        sellers.region,
        sellers.price,
        sellers.partner,
        day::bigint * 86400 + case
            when is_fake then (36000 + 36000 * uniform(day_key, 1) + 3600 * uniform(key, 1))::bigint
            when uniform(key, 2) < 0.12 then (86000 * uniform(key, 1))::bigint
            else (28800 + 28500 * (uniform(key, 1) + uniform(key, 3)))::bigint
        end as ordered_second,
        case
            when is_fake and uniform(key, 4) < 0.25 then getvariable('buyers') + sellers.partner
            when is_fake then getvariable('buyers') * 2 + seller::bigint * 16 + (mixed(key, 5) % 10)::bigint
            when uniform(key, 6) < sellers.returning_share
                then mixed(seller, floor((known_buyers + 2) * pow(uniform(key, 7), 2))) % getvariable('buyers')
            else mixed(key, 8) % getvariable('buyers')
        end::bigint as buyer_no,
        sellers.price * exp(getvariable('amount_spread') * normal(key, 9) - getvariable('amount_spread') ** 2 / 2)
            as rough_amount,
        not is_fake and uniform(key, 10) < getvariable('unpaid_share') as is_unpaid,
        not is_fake and uniform(key, 11) < share(logit(getvariable('cancelled_share')) - 0.6 * service) as is_cancelled,
        not is_fake and uniform(key, 12) < share(logit(getvariable('late_share')) - 0.5 * service) as is_late
    from keyed
    inner join sellers using (seller)
),

shipped as (
    select
        *,
        case
            when is_fake then greatest(round(rough_amount / 10), 1) * 1000
            when uniform(key, 13) < 0.5 then greatest(floor(rough_amount), 1) * 100 + 90
            when uniform(key, 13) < 0.7 then greatest(round(rough_amount), 1) * 100
            else greatest(round(rough_amount * 100), 100)
        end::bigint as cents,
        least(ordered_second + 20 + (1200 * uniform(key, 14))::bigint, day::bigint * 86400 + 86399) as paid_second,
        (hash(buyer_no) % 8)::integer as buyer_region,
        case
            when is_unpaid then ordered_second + 86400
            when is_cancelled then ordered_second + 3600 + (100000 * uniform(key, 15))::bigint
        end as cancelled_second,
        case when is_fake then 1800 else 10800 + 3600 * (44 * uniform(key, 16) ** 2) * exp(-0.2 * service) end::bigint
            as handling_seconds
    from ordered
),

delivered as (
    select
        *,
        case when cancelled_second is null then paid_second + handling_seconds end as shipped_second,
        case
            when cancelled_second is not null then null
            when is_fake then paid_second + handling_seconds + 3600 + (14400 * uniform(key, 17))::bigint
            when is_late then greatest((day + 7)::bigint * 86400, paid_second + handling_seconds + 86400)
                + (86400 * (0.5 - 4 * ln(uniform(key, 17) + 0.01)))::bigint
            else least(
                paid_second + handling_seconds
                    + (86400 * (0.6 + if(region = buyer_region, 1.2, 2.6) * (0.4 + uniform(key, 17))))::bigint,
                (day + 7)::bigint * 86400 - 3600
            )
        end as delivered_second
    from shipped
),

refunded as (
    select
        *,
        case
            when delivered_second is null or is_fake then null
            when uniform(key, 18) < share(logit(getvariable('refund_share')) - 0.6 * service + 1.5 * is_late::integer)
                then delivered_second + 3600 + (86400 * 6 * uniform(key, 19) ** 1.5)::bigint
        end as refund_second,
        case
            when delivered_second is null then null
            when is_fake and uniform(key, 20) < 0.95
                then delivered_second + 1800 + (36000 * uniform(key, 21))::bigint
            when not is_fake and uniform(key, 20) < getvariable('review_share')
                then delivered_second + 7200 + (86400 * 9 * uniform(key, 21) ** 2)::bigint
        end as review_second
    from delivered
),

rated as (
    select
        *,
        refund_second + 7200 + (86400 * 3 * uniform(key, 22))::bigint as refunded_second,
        case when uniform(key, 23) < 0.7 then cents else floor(cents * (0.2 + 0.6 * uniform(key, 24))) end::bigint
            as refund_cents,
        case
            when review_second is null then null
            when is_fake then 5
            else least(5, greatest(1, round(
                getvariable('rating_mean') + 0.4 * reputation - 1.5 * is_late::integer
                    - 1.2 * (refund_second is not null)::integer + 1.05 * normal(key, 25)
            )))
        end::integer as rating,
        case when is_fake then paid_second + 7200 + (230000 * uniform(key, 26))::bigint end as back_second,
        day + lateness(key, 30) as first_arrival
    from refunded
),

heard as (
    select
        *,
        greatest(first_arrival, day_of(shipped_second) + lateness(key, 31)) as shipped_arrival,
        case
            when cancelled_second is not null
                then greatest(first_arrival, day_of(cancelled_second) + lateness(key, 32))
        end as cancelled_arrival,
        case
            when uniform(key, 33) < getvariable('corrected_share') then first_arrival + 1 + (mixed(key, 34) % 5)::integer
        end as corrected_arrival,
        case when uniform(key, 35) < getvariable('sent_again_share') then first_arrival + 1 end as again_arrival
    from rated
),

final as (
    select
        order_no,
        key,
        seller,
        buyer_no,
        day,
        ordered_second,
        if(is_unpaid, null, paid_second) as paid_second,
        shipped_second,
        delivered_second,
        cancelled_second,
        cents,
        500 + (mixed(key, 36) % 1200)::bigint as freight_cents,
        -- A slip that is corrected later: the freight is in the amount.
        if(corrected_arrival is null, cents, cents + freight_cents) as reported_cents,
        industry,
        (mixed(key, 37) % 4)::integer as category,
        buyer_region,
        is_fake,
        refund_second,
        refunded_second,
        refund_cents,
        case
            when is_late and uniform(key, 38) < 0.5 then 'not_received'
            else ['not_as_described', 'damaged', 'changed_mind', 'changed_mind', 'dispute', 'other'][
                1 + (mixed(key, 39) % 6)::integer
            ]
        end as refund_reason,
        review_second,
        rating,
        back_second,
        first_arrival,
        if(shipped_second is null, null, shipped_arrival) as shipped_arrival,
        if(delivered_second is null, null, greatest(shipped_arrival, day_of(delivered_second) + lateness(key, 40)))
            as delivered_arrival,
        cancelled_arrival,
        corrected_arrival,
        again_arrival,
        greatest(
            first_arrival, shipped_arrival, day_of(delivered_second) + lateness(key, 40), cancelled_arrival,
            corrected_arrival, again_arrival
        ) as last_arrival,
        day_of(refund_second) + lateness(key, 41) as refund_arrival,
        greatest(day_of(refund_second) + lateness(key, 41), day_of(refunded_second)) as refunded_arrival,
        day_of(review_second) + lateness(key, 42) as review_arrival
    from heard
)

select * from final
