{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        on_schema_change="append_new_columns",
        partition_by=["as_of"],
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
        reason_details,
        model_version
    from source
    where as_of in ({{ as_of_literals() }})
)

select * from final
