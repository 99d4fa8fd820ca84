{#
What wins where statuses and times contradict each other; docs/raw_contract.md has every pair ("Status and times").
#}

{# A time that cannot lie before another. Less than a day before is the same moment: clocks differ, and many exports give
   days only. Earlier than that nobody knows when it was. #}
{% macro not_before(moment, begin) -%}
    case
        when {{ moment }} >= {{ begin }} then {{ moment }}
        when {{ moment }} > {{ dbt.dateadd("hour", -24, begin) }} then {{ begin }}
    end
{%- endmacro %}

{# Whether an installment counts: that of a loan that was not paid out does not, and one that is left open by a repaid
   loan owes nothing, and nobody knows when it was paid. #}
{% macro is_counted(repayments, loans) -%}
    ({{ loans }}.status in ('disbursed', 'written_off') or ({{ loans }}.status = 'repaid' and {{ is_settled(repayments) }}))
{%- endmacro %}
