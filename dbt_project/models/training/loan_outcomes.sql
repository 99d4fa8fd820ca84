-- What has become of every disbursed loan as known on training_as_of: the first day of each thing that went wrong.
with versions as (
    select
        *,
        min(case when status = 'written_off' then arrived_on end) over (partition by loan_id) as first_written_off_on
    from {{ ref("stg_loans") }}
    where arrived_on <= {{ date_literal(var("training_as_of")) }}
),

loans as (
    select
        versions.loan_id,
        versions.seller_id,
        versions.applied_on,
        versions.disbursed_on,
        versions.status,
        cast({{ dbt.dateadd("day", label("performance_window_days"), "versions.disbursed_on") }} as date) as matures_on,
        case when versions.status = 'written_off' then versions.first_written_off_on end as written_off_on
    from versions
    where versions.disbursed_on is not null and {{ is_known_version("versions", date_literal(var("training_as_of"))) }}
),

installments as (
    select
        repayments.loan_id,
        {{ fell_past_due_on("repayments", label("bad_days_past_due")) }} as bad_on,
        {{ fell_past_due_on("repayments", label("indeterminate_from_days_past_due")) }} as late_on,
        case
            when repayments.installment_no <= {{ label("early_payment_default_installments") }}
                then {{ fell_past_due_on("repayments", label("early_payment_default_days_past_due")) }}
        end as early_on
    from {{ ref("stg_repayments") }} as repayments
    inner join loans on loans.loan_id = repayments.loan_id and {{ is_counted("repayments", "loans") }}
    where {{ is_known_version("repayments", date_literal(var("training_as_of"))) }}
),

by_loan as (
    select
        loan_id,
        min(case when bad_on <= {{ date_literal(var("training_as_of")) }} then bad_on end) as bad_on,
        min(case when late_on <= {{ date_literal(var("training_as_of")) }} then late_on end) as late_on,
        min(case when early_on <= {{ date_literal(var("training_as_of")) }} then early_on end) as early_on
    from installments
    group by loan_id
),

final as (
    select
        loans.loan_id,
        loans.seller_id,
        loans.applied_on,
        loans.disbursed_on,
        loans.matures_on,
        least(loans.written_off_on, by_loan.bad_on) as bad_on,
        by_loan.late_on,
        by_loan.early_on as early_payment_default_on,
        by_loan.loan_id is not null or loans.status = 'repaid' as has_outcome
    from loans
    left join by_loan on by_loan.loan_id = loans.loan_id
)

select * from final
