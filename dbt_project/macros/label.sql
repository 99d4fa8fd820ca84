{# A number of tradeline/contracts/label.yml; part: of a number that has several. #}
{% macro label(name, part=none) -%}
    {%- set given = var("label") or {} -%}
    {%- if name in given -%}
        {{ given[name][part] if part else given[name] }}
    {%- elif execute -%}
        {{ exceptions.raise_compiler_error(
            "the variable label lacks " ~ name ~ ": run dbt through tradeline, which reads tradeline/contracts/label.yml, or give its "
            ~ "content yourself: --vars \"$(echo label:; sed 's/^/  /' tradeline/contracts/label.yml)\""
        ) }}
    {%- else -%} 0 {#- dbt only parses -#}
    {%- endif -%}
{%- endmacro %}

{# The day on which an installment fell so many days past due, paid since or not; null if it never did or will. #}
{% macro fell_past_due_on(repayments, days) -%}
    case
        when
            not {{ is_settled(repayments) }}
            or {{ dbt.datediff(repayments ~ ".due_on", repayments ~ ".paid_on", "day") }} >= {{ days }}
            then cast({{ dbt.dateadd("day", days, repayments ~ ".due_on") }} as date)
    end
{%- endmacro %}
