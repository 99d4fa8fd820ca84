{# Rows whose feature the decision does not know: the rule would never apply. #}
{% test is_knockout_input(model, column_name) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} not in ('{{ knockout_inputs() | join("', '") }}')
{% endtest %}
