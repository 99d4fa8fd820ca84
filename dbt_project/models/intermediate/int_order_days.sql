{{ config(materialized="partials", slices=12) }}
{#- A shipment is late 72 hours after the payment: the rule of Taobao, taken for every marketplace. -#}
{%- set is_shipped = "event = 'shipped' and paid_at <= shipped_at" -%}
{%- set is_shipped_late = "event = 'shipped' and shipped_at > " ~ dbt.dateadd("hour", 72, "paid_at") -%}
{%- set is_promised = "event = 'delivered' and promised_at is not null" -%}
{%- set is_delivered_late = "event = 'delivered' and delivered_at > promised_at" -%}
{%- set is_cancelled_paid = "event = 'cancelled' and paid_at is not null" %}

with changes as (
    select * from {{ ref("int_order_changes") }}
),

kinds as (
    {% for event in ["placed", "paid", "shipped", "delivered", "cancelled"] %}
        select '{{ event }}' as event
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

events as (
    select
        changes.*,
        kinds.event,
        case kinds.event
            when 'placed' then changes.ordered_at
            when 'paid' then changes.paid_at
            when 'shipped' then changes.shipped_at
            when 'delivered' then changes.delivered_at
            when 'cancelled' then changes.cancelled_at
        end as event_at
    from changes
    cross join kinds
    where
        case kinds.event
            when 'placed' then changes.is_placed_changed
            when 'paid' then changes.is_paid_changed
            when 'shipped' then changes.is_shipped_changed
            when 'delivered' then changes.is_delivered_changed
            when 'cancelled' then changes.is_cancelled_changed
        end
),

dated as (
    select
        *,
        {{ business_day("event_at") }} as event_on
    from events
    where event_at is not null
),

partials as (
    select
        seller_id,
        event_on,
        changed_on as arrived_on,
        {{ signed_sum("orders_placed", condition="event = 'placed'") }},
        {{ signed_amount("placed_amount", "event = 'placed'") }},
        {{ signed_sum("orders_arrived", condition="event = 'placed' and is_first_version") }},
        {{ signed_sum(
            "orders_arrived_late",
            condition="event = 'placed' and is_first_version and "
            ~ dbt.datediff("event_on", "changed_on", "day") ~ " > 1"
        ) }},
        {{ signed_sum("orders_paid", condition="event = 'paid'") }},
        {{ signed_amount("paid_amount", "event = 'paid'") }},
        {{ signed_sum("orders_round_amount", condition="event = 'paid' and mod(amount, 10) = 0") }},
        {{ signed_sum("orders_shipped", condition=is_shipped) }},
        {{ signed_amount("shipped_amount", is_shipped) }},
        {{ signed_sum("orders_shipped_late", condition=is_shipped_late) }},
        {{ signed_amount("shipped_late_amount", is_shipped_late) }},
        {{ signed_sum(
            "ship_seconds", dbt.datediff("paid_at", "shipped_at", "second"), is_shipped, "bigint"
        ) }},
        {{ signed_sum("orders_delivered", condition="event = 'delivered'") }},
        {{ signed_sum("orders_promised", condition=is_promised) }},
        {{ signed_amount("promised_amount", is_promised) }},
        {{ signed_sum("orders_delivered_late", condition=is_delivered_late) }},
        {{ signed_amount("delivered_late_amount", is_delivered_late) }},
        {{ signed_sum(
            "orders_delivered_fast",
            condition="event = 'delivered' and delivered_at < " ~ dbt.dateadd("hour", 6, "shipped_at")
        ) }},
        {{ signed_sum(
            "delivery_seconds", dbt.datediff("ordered_at", "delivered_at", "second"), "event = 'delivered'", "bigint"
        ) }},
        {{ signed_sum("orders_cancelled", condition="event = 'cancelled'") }},
        {{ signed_amount("cancelled_amount", "event = 'cancelled'") }},
        {{ signed_sum("orders_cancelled_paid", condition=is_cancelled_paid) }},
        {{ signed_amount("cancelled_paid_amount", is_cancelled_paid) }}
    from dated
    group by seller_id, event_on, changed_on
),

final as (
    select *
    from partials
    where {{ any_measure(order_measures()) }}
)

select * from final
