{{ config(materialized="table", schema="policy") }}

{%- if execute and not var("reasons") -%}
    {{ exceptions.raise_compiler_error(
        "the variable reasons is empty: run dbt through tradeline, which reads seeds/reasons.yml; by hand, give --vars with "
        ~ "a list of code, kind, basis, sentence and advice"
    ) }}
{%- endif %}

{% for reason in var("reasons") %}
    select
        {{ text_literal(reason.code) }} as code,
        {{ text_literal(reason.kind) }} as kind,
        {{ text_literal(reason.basis) }} as basis,
        {{ text_literal(reason.sentence) }} as sentence,
        {{ text_literal(reason.advice) }} as advice
    {% if not loop.last %}union all{% endif %}
{% endfor %}
