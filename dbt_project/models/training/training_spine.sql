with policy as (
    {{ policy_row(ref("policy_label"), ["loans_minimum_matured"]) }}
),

loan_labels as (
    select * from {{ ref("loan_labels") }}
),

replay_labels as (
    select * from {{ ref("replay_labels") }}
),

choice as (
    select count(loan_labels.seller_id) >= max(policy.loans_minimum_matured) as is_loan_label
    from policy
    left join loan_labels on true
),

final as (
    select loan_labels.*
    from loan_labels
    cross join choice
    where choice.is_loan_label

    union all

    select replay_labels.*
    from replay_labels
    cross join choice
    where not choice.is_loan_label
)

select * from final
