{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_remade_nights() }}"
    )
}}

with source as (
    select * from {{ source("ml", "scores") }}
),

final as (
    select
        seller_id,
        as_of,
        pd,
        score,
        reasons,
        model_version
    from source
    where as_of in ({{ as_of_literals() }})
)

select * from final
