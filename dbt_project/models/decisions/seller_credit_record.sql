{#
A file is added to, never rewritten: rows of other nights and of other runs stay, whatever is asked of dbt, and a column
that comes later is empty in the rows before it.
#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        full_refresh=false,
        on_schema_change="append_new_columns",
        partition_by=["as_of", "run_id"],
        pre_hook="{{ delete_own_nights() }}"
    )
}}

{%- set counts = [
    "loan_applications", "loans_repaid", "loans_open",
    "installments_due", "installments_paid_on_time", "installments_paid_late", "installments_unpaid",
] -%}

with features as (
    select * from {{ ref("seller_features") }}
    where as_of in ({{ as_of_literals() }})
),

offers as (
    select * from {{ ref("loan_eligibility") }}
),

loans as (
    select
        seller_id,
        as_of,
        count(*) as loan_applications,
        count(case when status = 'repaid' then 1 end) as loans_repaid,
        count(case when status = 'disbursed' then 1 end) as loans_open,
        sum(case when disbursed_on is not null then principal_amount end) as principal_amount,
        max(disbursed_on) as last_disbursed_on,
        sum(installments_due) as installments_due,
        sum(installments_paid_on_time) as installments_paid_on_time,
        sum(installments_paid_late) as installments_paid_late,
        sum(installments_due - installments_paid_on_time - installments_paid_late) as installments_unpaid,
        {{ ordered_list(
            row_of([
                "loan_id", "status", "applied_on", "disbursed_on", "principal_amount", "term_days", "annual_rate",
                "installments",
            ]),
            order_by=["applied_on", "loan_id"]
        ) }} as loans
    from {{ ref("credit_record_loans") }}
    group by seller_id, as_of
),

final as (
    select
        features.seller_id,
        features.as_of,
        features.seller_type,
        features.industry,
        features.region,
        features.seller_status,
        features.tenure_days,
        features.sales_amount_30d,
        features.sales_amount_365d,
        features.orders_365d,
        {% for name in counts -%}
            case when features.has_loans then cast(coalesce(loans.{{ name }}, 0) as bigint) end as {{ name }},
        {% endfor -%}
        features.loans_taken,
        features.loans_written_off,
        case when features.has_loans then cast(coalesce(loans.principal_amount, 0) as decimal(18, 2)) end
            as principal_amount,
        features.outstanding_amount,
        features.current_days_past_due,
        features.worst_days_past_due,
        loans.last_disbursed_on,
        offers.pd,
        offers.score,
        offers.is_eligible,
        offers.limit_amount,
        offers.annual_rate,
        offers.term_days,
        offers.installments,
        offers.reason_codes,
        offers.model_version,
        offers.policy_version,
        offers.run_id,
        case when features.has_loans then coalesce(loans.loans, {{ list_of() }}) end as loans
    from features
    inner join offers on offers.seller_id = features.seller_id and offers.as_of = features.as_of
    left join loans on loans.seller_id = features.seller_id and loans.as_of = features.as_of
)

select * from final
