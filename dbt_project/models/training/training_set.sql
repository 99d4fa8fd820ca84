with spine as (
    select * from {{ ref("training_spine") }}
),

features as (
    select * from {{ ref("training_features") }}
),

final as (
    select
        spine.matures_on,
        spine.label_kind,
        spine.is_default,
        spine.is_indeterminate,
        spine.is_early_payment_default,
        features.*
    from spine
    inner join features on features.seller_id = spine.seller_id and features.as_of = spine.as_of
)

select * from final
