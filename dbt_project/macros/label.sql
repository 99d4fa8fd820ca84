{# A number of tradeline/contracts/label.yml, of one with parts by name and part with _ between. #}
{% macro label(name) -%} (select {{ name }} from {{ source("contracts", "label") }}) {%- endmacro %}

{# The day on which an installment fell so many days past due, paid since or not; null if it never did or will. #}
{% macro fell_past_due_on(repayments, days) -%}
    case
        when
            not {{ is_settled(repayments) }}
            or {{ dbt.datediff(repayments ~ ".due_on", repayments ~ ".paid_on", "day") }} >= {{ days }}
            then cast({{ dbt.dateadd("day", days, repayments ~ ".due_on") }} as date)
    end
{%- endmacro %}
