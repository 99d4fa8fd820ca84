with nights as (
    select
        min(arrived_on) as first_on,
        max(case when table_name = 'orders' then 1 else 0 end) = 1 as has_orders
    from {{ ref("int_landed_nights") }}
    where arrived_on <= {{ date_literal(var("training_as_of")) }}
),

decision_days as (
    select distinct cast({{ dbt.last_day("landed.arrived_on", "month") }} as date) as as_of
    from {{ ref("int_landed_nights") }} as landed
),

matured as (
    select
        decision_days.as_of,
        cast({{ dbt.dateadd("day", label("replay_term_days"), "decision_days.as_of") }} as date)
            as matures_on,
        case when nights.has_orders then 'orders' else 'payments' end as sales_source
    from decision_days
    cross join nights
    where
        {{ dbt.datediff("nights.first_on", "decision_days.as_of", "day") }} >= 90
        and {{ dbt.datediff("decision_days.as_of", date_literal(var("training_as_of")), "day") }}
        >= {{ label("replay_term_days") }}
),

sales as (
    select
        days.seller_id,
        matured.as_of,
        matured.matures_on,
        sum(case when days.event_on <= matured.as_of and days.arrived_on <= matured.as_of then days.sales_amount end)
            as trailing_amount,
        sum(case when days.event_on <= matured.as_of and days.arrived_on <= matured.as_of then days.orders end)
            as trailing_orders,
        sum(case when days.event_on > matured.as_of then days.sales_amount end) as later_amount
    from matured
    inner join {{ ref("int_sales_days") }} as days
        on
            days.sales_source = matured.sales_source
            and days.event_on > cast({{ dbt.dateadd("day", -90, "matured.as_of") }} as date)
            and days.event_on <= matured.matures_on
            and days.arrived_on <= {{ date_literal(var("training_as_of")) }}
    group by days.seller_id, matured.as_of, matured.matures_on
),

final as (
    select
        seller_id,
        as_of,
        matures_on,
        'cash_flow_replay' as label_kind,
        coalesce(later_amount, 0) * cast({{ label("replay_repayment_share") }} as double)
        < trailing_amount / 3 * cast({{ label("replay_sales_months") }} as double)
        * (1 + cast({{ label("replay_annual_rate") }} as double) * {{ label("replay_term_days") }} / 365) as is_default,
        false as is_indeterminate,
        false as is_early_payment_default
    from sales
    where trailing_orders >= {{ label("replay_minimum_orders") }}
)

select * from final
