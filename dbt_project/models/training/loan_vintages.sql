-- How the loans disbursed in one month had done by the time they were so many days old. The whole month has to have
-- reached the age, so that cohorts are compared at equal age and none can still grow.
with ages as (
    select 30 * generated_number as age_days
    from (
        {{ dbt.generate_series(24) }}
    ) as steps
),

-- Up to twice the performance window, which shows whether it is long enough.
aged as (
    select
        outcomes.*,
        cast(date_trunc('month', outcomes.disbursed_on) as date) as cohort_on,
        ages.age_days,
        cast({{ dbt.dateadd("day", "ages.age_days", "outcomes.disbursed_on") }} as date) as aged_on
    from {{ ref("loan_outcomes") }} as outcomes
    cross join ages
    where
        (outcomes.has_outcome or outcomes.bad_on is not null)
        and ages.age_days <= 2 * {{ label("performance_window_days") }}
        and {{ dbt.datediff(
            dbt.last_day("outcomes.disbursed_on", "month"), date_literal(var("training_as_of")), "day"
        ) }} >= ages.age_days
),

final as (
    select
        cohort_on,
        age_days,
        count(*) as loans,
        count(case when bad_on <= aged_on then 1 end) as bad_loans,
        count(case when early_payment_default_on <= aged_on then 1 end) as early_payment_defaults
    from aged
    group by cohort_on, age_days
)

select * from final
