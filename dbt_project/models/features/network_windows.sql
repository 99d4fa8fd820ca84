{%- set as_of = spine_as_of("pairs") -%}
-- What a seller's buyers do elsewhere: pairs are added up by buyer and told to each of its shops, never shop by shop.
-- They are many and read where they are used, for a CTE that is named twice is written down whole.
with defaulted as (
    select * from {{ ref("defaulted_sellers") }}
),

buyers as (
    select
        {{ as_of }} as as_of,
        pairs.buyer_id,
        count(case when pairs.orders_90d > 0 then 1 end) as shops_90d,
        count(defaulted.seller_id) as defaulted_shops_365d,
        max(case when pairs.orders_365d > pairs.orders_30d then 1 else 0 end) as was_there_before_30d
    from {{ ref("buyer_pairs") }} as pairs
    left join defaulted on defaulted.seller_id = pairs.seller_id and defaulted.as_of = {{ as_of }}
    group by {{ as_of }}, pairs.buyer_id
),

pairs as (
    select
        pairs.*,
        buyers.shops_90d,
        buyers.was_there_before_30d,
        buyers.defaulted_shops_365d > case when defaulted.seller_id is null then 0 else 1 end as is_of_defaulted_shop
    from {{ ref("buyer_pairs") }} as pairs
    inner join buyers on buyers.as_of = {{ as_of }} and buyers.buyer_id = pairs.buyer_id
    left join defaulted on defaulted.seller_id = pairs.seller_id and defaulted.as_of = {{ as_of }}
    where pairs.is_on_spine
),

final as (
    select
        seller_id,
        {{ spine_as_of(none) }} as as_of,
        sum(case when orders_90d > 0 then shops_90d else 0 end) as shops_of_buyers_90d,
        count(case when orders_90d > 0 and shops_90d > 1 then 1 end) as shared_buyers_90d,
        sum(case when shops_90d = 1 then paid_amount_90d else 0 end) as exclusive_amount_90d,
        count(case when orders_90d > 0 and was_there_before_30d = 0 then 1 end) as young_buyers_90d,
        count(case when is_of_defaulted_shop then 1 end) as defaulted_shop_buyers_365d,
        sum(case when is_of_defaulted_shop then paid_amount_365d else 0 end) as defaulted_shop_amount_365d
    from pairs
    group by seller_id, {{ spine_as_of(none) }}
)

select * from final
