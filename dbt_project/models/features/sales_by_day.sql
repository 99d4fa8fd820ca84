with spine as (
    select * from {{ ref("feature_spine") }}
),

presence as (
    select * from {{ ref("feature_presence") }}
),

days as (
    select * from {{ ref("int_sales_days") }}
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        cast({{ age_days() }} as integer) as age_days,
        cast(sum(days.sales_amount) as decimal(18, 2)) as sales_amount
    from spine
    inner join presence on presence.as_of = spine.as_of
    inner join days
        on
            days.seller_id = spine.seller_id
            and days.sales_source = presence.sales_source
            and {{ is_known_event() }}
    group by spine.seller_id, spine.as_of, {{ age_days() }}
    having sum(days.orders) > 0
)

select * from final
