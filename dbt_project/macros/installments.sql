{# Whether an installment is paid in full. #}
{% macro is_settled(repayments) -%}
    ({{ repayments }}.paid_on is not null and {{ repayments }}.amount_paid >= {{ repayments }}.amount_due)
{%- endmacro %}

{# Whether an installment is due on a day, so that it counts as paid in time, late or not at all: its due day is over. #}
{% macro is_due(repayments, on) -%}
    {{ repayments }}.due_on < {{ on }}
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
