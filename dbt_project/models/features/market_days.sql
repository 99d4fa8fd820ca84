-- A day's promotion is told by what all sellers sold on it, as known on as_of, not by a calendar of events.
with spine as (
    select * from {{ ref("feature_presence") }}
),

days as (
    select * from {{ ref("int_industry_days") }}
),

ages as (
    {{ dbt.generate_series(365 + 28) }}
),

market as (
    select
        event_on,
        arrived_on,
        sales_source,
        sum(sales_amount) as sales_amount
    from days
    group by event_on, arrived_on, sales_source
),

known as (
    select
        spine.as_of,
        {{ age_days("market.event_on") }} as age_days,
        sum(market.sales_amount) as sales_amount
    from spine
    inner join market on market.sales_source = spine.sales_source and {{ is_known_event("market", 365 + 28) }}
    group by spine.as_of, {{ age_days("market.event_on") }}
),

-- In cents, whose median is exact in a double.
series as (
    select
        spine.as_of,
        cast(ages.generated_number - 1 as integer) as age_days,
        cast(coalesce(100 * known.sales_amount, 0) as bigint) as sales_cents
    from spine
    cross join ages
    left join known on known.as_of = spine.as_of and known.age_days = ages.generated_number - 1
),

medians as (
    select
        days.as_of,
        days.age_days,
        days.sales_cents,
        percentile_cont(0.5) within group (order by before.sales_cents) as median_cents
    from series as days
    inner join series as before
        on before.as_of = days.as_of and before.age_days between days.age_days + 1 and days.age_days + 28
    where days.age_days < 365
    group by days.as_of, days.age_days, days.sales_cents
),

final as (
    select
        as_of,
        age_days,
        median_cents > 0 and sales_cents >= 2 * median_cents as is_promotion,
        -- the first day of 1900 was a Monday
        mod({{ dbt.datediff("cast('1900-01-01' as date)", "as_of", "day") }} - age_days, 7) >= 5 as is_weekend
    from medians
)

select * from final
