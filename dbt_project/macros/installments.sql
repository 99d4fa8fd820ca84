{# Whether an installment is paid in full. #}
{% macro is_settled(repayments) -%}
    ({{ repayments }}.paid_on is not null and {{ repayments }}.amount_paid >= {{ repayments }}.amount_due)
{%- endmacro %}

{# Days by which an installment was or is late on a day; 0 when it is not due yet or was paid in time. #}
{% macro days_past_due(repayments, on) -%}
    greatest({{ dbt.datediff(
        repayments ~ ".due_on",
        "case when " ~ is_settled(repayments) ~ " and " ~ repayments ~ ".paid_on <= " ~ on
        ~ " then " ~ repayments ~ ".paid_on else " ~ on ~ " end",
        "day"
    ) }}, 0)
{%- endmacro %}
