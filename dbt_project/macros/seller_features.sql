{# The families of features; each has a model of its name in models/features/, <family>_features. #}
{% macro feature_families() %}
    {{ return([
        "sales", "growth", "volatility", "seasonality", "service", "ratings", "buyers", "network", "brushing",
        "payments", "tenure", "credit", "data_quality",
    ]) }}
{% endmacro %}

{#
Every feature of every (seller_id, as_of) of the spine, the families side by side.

The one definition behind the nightly mart and the training set. Its columns are those of the catalogue
(models/marts/seller_features.yml); a feature is taken from the model of the family that the catalogue names.
kind: night or training, so that a table never takes up features that were made for the other.
#}
{% macro seller_features(kind) -%}
    {%- set mart = (graph.nodes.values() | selectattr("name", "equalto", "seller_features") | first) if execute -%}
select
    spine.seller_id,
    spine.as_of
    {%- for name, column in (mart.columns.items() if execute else []) if column.config.meta.family %},
    {{ column.config.meta.family }}.{{ name }}
    {%- endfor %}
from {{ ref("feature_spine") }} as spine
{% for family in feature_families() -%}
inner join {{ ref(family ~ "_features") }} as {{ family }}
    on {{ family }}.seller_id = spine.seller_id and {{ family }}.as_of = spine.as_of
{% endfor -%}
where spine.spine_kind = '{{ kind }}'
{%- endmacro %}
