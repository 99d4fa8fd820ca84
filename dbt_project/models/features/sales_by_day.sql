with presence as (
    select * from {{ ref("feature_presence") }}
),

days as (
    {{ known_events(ref("int_sales_days")) }}
),

final as (
    select
        days.seller_id,
        days.as_of,
        cast(days.age_days as integer) as age_days,
        cast(sum(days.sales_amount) as decimal(18, 2)) as sales_amount
    from days
    inner join presence on presence.as_of = days.as_of and presence.sales_source = days.sales_source
    group by days.seller_id, days.as_of, days.age_days
    having sum(days.orders) > 0
)

select * from final
