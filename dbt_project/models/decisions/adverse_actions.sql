{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        on_schema_change="append_new_columns",
        partition_by=["as_of"],
        pre_hook="{{ delete_remade_nights() }}"
    )
}}

with causes as (
    select * from {{ ref("adverse_causes") }}
),

codes as (
    select * from {{ source("policy", "reason_codes") }}
),

feature_words as (
    select * from {{ ref("feature_words") }}
),

offers as (
    select * from {{ ref("loan_eligibility") }}
    where as_of in ({{ as_of_literals() }})
),

ranked as (
    select
        causes.*,
        case when causes.has_orders then codes.sentence else codes.sentence_without_orders end as sentence,
        case when causes.has_orders then codes.advice else codes.advice_without_orders end as advice,
        codes.basis,
        case when causes.has_orders then feature_words.words else feature_words.words_without_orders end as words,
        feature_words.shown_as,
        {% for value in ["seller_value", "typical_value", "threshold"] -%}
            {{ value_words("causes." ~ value, "feature_words.shown_as") }} as {{ value }}_words,
        {% endfor -%}
        row_number() over (
            partition by causes.seller_id, causes.as_of
            order by
                case codes.kind when 'knock_out' then 1 when 'policy' then 2 else 3 end,
                causes.position,
                causes.reason_code
        ) as place
    from causes
    left join codes on codes.code = causes.reason_code
    left join feature_words on feature_words.feature = causes.feature
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
        case
            when ranked.limit_min_amount is not null
                then
                    'owed on loans: ' || {{ amount_words("ranked.owed_amount") }}
                    || '; limit before that debt: ' || {{ amount_words("ranked.limit_before_debt_amount") }}
                    || '; smallest loan: ' || {{ amount_words("ranked.limit_min_amount") }}
            when ranked.shown_as = 'category' then ranked.words
            else
                ranked.words || ': ' || coalesce(ranked.seller_value_words, 'not known')
                || coalesce('; the bound is ' || ranked.threshold_words, '')
                || coalesce('; typical of good sellers: ' || ranked.typical_value_words, '')
        end as evidence,
        ranked.owed_amount,
        ranked.limit_before_debt_amount,
        ranked.limit_min_amount,
        offers.model_version,
        offers.run_id
    from ranked
    inner join offers on offers.seller_id = ranked.seller_id and offers.as_of = ranked.as_of
    where ranked.place <= 4
)

select * from final
