{# A pre-hook: a run that decides its nights again replaces its own rows; those of other runs and nights stay. #}
{% macro delete_own_nights() -%}
    {%- if is_incremental() and var("as_ofs") -%}
        delete from {{ this }} where run_id = '{{ var("run_id") }}' and as_of in ({{ as_of_literals() }})
    {%- endif -%}
{%- endmacro %}
