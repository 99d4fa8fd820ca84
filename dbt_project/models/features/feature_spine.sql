-- Whom the run makes features for: every seller known on each of its nights or, for a training set, every decision.
{% if var("spine_kind") == "training" %}
    with final as (
        select
            seller_id,
            as_of,
            'training' as spine_kind
        from {{ ref("training_spine") }}
    )
{% else %}
    with nights as (
        {{ as_of_rows() }}
    ),

    sellers as (
        select seller_id, min(arrived_on) as known_on
        from {{ ref("stg_sellers") }}
        group by seller_id
    ),

    final as (
        select
            sellers.seller_id,
            nights.as_of,
            'night' as spine_kind
        from nights
        inner join sellers on nights.as_of >= sellers.known_on
    )
{% endif %}

select * from final
