-- One row for each night on which sellers became known: they have all been observed equally long.
with spine as (
    select * from {{ ref("feature_spine") }}
),

sellers as (
    select
        seller_id,
        min(arrived_on) as known_on
    from {{ ref("stg_sellers") }}
    group by seller_id
),

nights as (
    select distinct arrived_on
    from {{ ref("int_landed_nights") }}
),

beginnings as (
    select distinct
        sellers.known_on,
        spine.as_of
    from spine
    inner join sellers on sellers.seller_id = spine.seller_id
),

observed as (
    select
        beginnings.known_on,
        beginnings.as_of,
        {% for window in [30, 90] -%}
            count(case when {{ age_days("nights.arrived_on", "beginnings.as_of") }} < {{ window }} then 1 end)
                as observed_days_{{ window }}d,
        {% endfor -%}
        count(nights.arrived_on) as observed_days_365d
    from beginnings
    left join nights
        on
            nights.arrived_on >= beginnings.known_on
            and nights.arrived_on <= beginnings.as_of
            and {{ age_days("nights.arrived_on", "beginnings.as_of") }} < 365
    group by beginnings.known_on, beginnings.as_of
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        observed.observed_days_30d,
        observed.observed_days_90d,
        observed.observed_days_365d
    from spine
    inner join sellers on sellers.seller_id = spine.seller_id
    inner join observed on observed.known_on = sellers.known_on and observed.as_of = spine.as_of
)

select * from final
