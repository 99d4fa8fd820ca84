{#
Every feature of every (seller_id, as_of) of a spine, from what had arrived by as_of.

The one definition behind the nightly mart and the training set. Each family's features are in macros/features/.
#}
{% macro seller_features(spine) -%}
with spine as (
    select * from {{ spine }}
),

presence as (
    {{ presence("spine") }}
),

sales as (
    {{ window_sums(
        "spine", "presence", ref("int_sales_days"), ["orders", "sales_amount"], "has_sales",
        condition="days.sales_source = presence.sales_source"
    ) }}
),

series as (
    {{ sales_series("spine", "presence") }}
),

orders as (
    {{ window_sums("spine", "presence", ref("int_order_days"), order_measures(), "has_orders") }}
),

payments as (
    {{ window_sums("spine", "presence", ref("int_payment_days"), payment_measures(), "has_payments") }}
),

refunds as (
    {{ window_sums("spine", "presence", ref("int_refund_days"), refund_measures(), "has_refunds") }}
),

reviews as (
    {{ window_sums("spine", "presence", ref("int_review_days"), review_measures(), "has_reviews") }}
),

buyers as (
    {{ buyer_windows("spine") }}
),

loans as (
    {{ loan_history("spine") }}
),

sellers as (
    select * from {{ ref("stg_sellers") }}
)

select
    spine.seller_id,
    spine.as_of,
    {{ sales_features() }},
    {{ growth_features() }},
    {{ volatility_features() }},
    {{ service_features() }},
    {{ rating_features() }},
    {{ buyer_features() }},
    {{ payment_features() }},
    {{ tenure_features() }},
    {{ credit_features() }},
    {{ data_quality_features() }}
from spine
inner join presence on presence.as_of = spine.as_of
inner join sellers
    on
        sellers.seller_id = spine.seller_id
        and sellers.arrived_on <= spine.as_of
        and (sellers.superseded_on is null or sellers.superseded_on > spine.as_of)
{% for family in ["sales", "series", "orders", "payments", "refunds", "reviews", "buyers", "loans"] -%}
left join {{ family }} on {{ family }}.seller_id = spine.seller_id and {{ family }}.as_of = spine.as_of
{% endfor -%}
{%- endmacro %}
