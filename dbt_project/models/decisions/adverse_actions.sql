{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        on_schema_change="append_new_columns",
        pre_hook="{{ delete_remade_nights() }}"
    )
}}

with causes as (
    select * from {{ ref("adverse_causes") }}
),

codes as (
    select * from {{ ref("reason_codes") }}
),

offers as (
    select * from {{ ref("loan_eligibility") }}
    where as_of in ({{ as_of_literals() }})
),

ranked as (
    select
        causes.*,
        codes.sentence,
        codes.advice,
        codes.basis,
        row_number() over (
            partition by causes.seller_id, causes.as_of
            order by
                case codes.kind when 'knock_out' then 1 when 'policy' then 2 else 3 end,
                causes.position,
                causes.reason_code
        ) as place
    from causes
    left join codes on codes.code = causes.reason_code
),

final as (
    select
        ranked.seller_id,
        ranked.as_of,
        cast(ranked.place as integer) as position,
        ranked.reason_code,
        ranked.sentence,
        ranked.advice,
        ranked.basis,
        ranked.feature,
        ranked.seller_value,
        ranked.typical_value,
        ranked.threshold,
        offers.model_version,
        offers.run_id
    from ranked
    inner join offers on offers.seller_id = ranked.seller_id and offers.as_of = ranked.as_of
    where ranked.place <= 4
)

select * from final
