{#
Deletes rows of a table. On Spark a table of Parquet files loses whole partitions: the condition must be one on the columns
that it is partitioned by, which are listed in by.
#}
{% macro delete_rows(relation, condition, by) -%}
    {{ return(adapter.dispatch("delete_rows")(relation, condition, by)) }}
{%- endmacro %}

{% macro default__delete_rows(relation, condition, by) -%} delete from {{ relation }} where {{ condition }} {%- endmacro %}

{% macro spark__delete_rows(relation, condition, by) -%}
    {%- set columns = by | join(", ") -%}
    {%- set found = run_query("select distinct " ~ columns ~ " from " ~ relation ~ " where " ~ condition) if execute -%}
    {%- for row in found.rows if found -%}
        {{ "alter table " ~ relation ~ " drop " if loop.first -}}
        partition (
        {%- for column in by %}{{ column }} = '{{ row[loop.index0] }}'{{ ", " if not loop.last }}{% endfor -%}
        ) {{- ", " if not loop.last }}
    {%- else -%} select 'nothing to delete'
    {%- endfor -%}
{%- endmacro %}
