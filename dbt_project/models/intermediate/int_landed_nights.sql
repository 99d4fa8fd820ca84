-- Which nights landed, and from which night on each optional table was there.
{{ config(materialized="view") }}

with arrivals as (
    select * from {{ source("raw", "arrivals") }}
),

final as (
    select
        arrived_on,
        table_name,
        row_count
    from arrivals
    where row_count > 0
)

select * from final
