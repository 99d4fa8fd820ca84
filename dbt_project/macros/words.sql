{# How values of each unit of the catalogue are written, where meta.shown_as says nothing else. #}
{% macro units_shown() %}
    {{ return({
        "amount": "amount", "count": "number", "days": "days", "rate": "percent", "share": "percent",
        "ratio": "percent", "stars": "stars", "flag": "flag", "category": "category",
    }) }}
{% endmacro %}

{# An amount as people write it. #}
{% macro amount_words(value) -%}
    {{ with_decimals("cast(" ~ value ~ " as double)", 2) }} || ' {{ var("currency") }}'
{%- endmacro %}

{# A number with at most so many decimals, no minus before a zero and no zeros at its end. #}
{% macro number_words(value, decimals=1) -%}
    regexp_replace({{ with_decimals(rounded(value, decimals) ~ " + 0", decimals) }}, '[.]?0+$', '')
{%- endmacro %}

{# A number with so many decimals and commas between thousands, a tie between two of them written as the even one. #}
{% macro with_decimals(value, decimals) -%} {{ return(adapter.dispatch("with_decimals")(value, decimals)) }} {%- endmacro %}

{% macro default__with_decimals(value, decimals) -%} format('{:,.{{ decimals }}f}', {{ value }}) {%- endmacro %}

{% macro spark__with_decimals(value, decimals) -%} format_number({{ value }}, {{ decimals }}) {%- endmacro %}

{# A value with its unit; null where it is null, and for a category. #}
{% macro value_words(value, shown_as) -%}
    case {{ shown_as }}
        when 'amount' then {{ amount_words(value) }}
        when 'percent' then {{ number_words("100 * " ~ value) }} || '%'
        when 'points' then {{ number_words("100 * " ~ value) }} || ' percentage points'
        when 'days' then {{ number_words(value) }} || case when {{ value }} = 1 then ' day' else ' days' end
        when 'months' then {{ number_words(value, 2) }} || ' months'
        when 'times' then {{ number_words(value, 2) }} || ' times'
        when 'stars' then {{ number_words(value, 2) }} || case when {{ value }} = 1 then ' star' else ' stars' end
        when 'deviations' then {{ number_words(value) }} || ' standard deviations'
        when 'flag' then case when {{ value }} > 0 then 'yes' when {{ value }} <= 0 then 'no' end
        when 'number' then {{ number_words(value, 2) }}
    end
{%- endmacro %}

{#
What the catalogue (models/marts/seller_features.yml) calls each feature that a reason can stand on, one row each, and
what is said of knock-outs' inputs that are no features (macros/policy.sql). Values, because planning a union of some
hundred selects takes DuckDB longer than any other model of a small night.
#}
{% macro feature_words() -%}
    {%- set mart = (graph.nodes.values() | selectattr("name", "equalto", "seller_features") | first) if execute -%}
    select * from (values
    {% for name, column in (mart.columns.items() if execute else []) if column.config.meta.words -%}
        {%- set meta = column.config.meta -%}
        {{ words_row(name, meta, meta.shown_as or units_shown()[meta.unit]) }},
    {% endfor %}
    {%- for name, input in knockout_inputs().items() if input.words -%}
        {{ words_row(name, input, input.shown_as) }}{{ "," if not loop.last }}
    {% endfor -%}
    ) as feature_words (feature, words, words_without_orders, shown_as)
{%- endmacro %}

{% macro words_row(feature, meta, shown_as) -%}
    ('{{ feature }}', {{ text_literal(meta.words) }}, {{ text_literal(meta.words_without_orders or meta.words) }}, '{{ shown_as }}')
{%- endmacro %}
