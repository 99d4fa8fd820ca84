{# A condition: this version of a raw row is the one that was known on a day. relation: versions with arrived_on and
   superseded_on (null for the latest), as stg_sellers, stg_loans and stg_repayments have them. #}
{% macro is_known_version(relation, on) -%}
    {{ relation }}.arrived_on <= {{ on }}
    and ({{ relation }}.superseded_on is null or {{ relation }}.superseded_on > {{ on }})
{%- endmacro %}
