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
    select count(*) >= max(policy.loans_minimum_matured) as is_loan_label
    from policy
    left join loan_labels on true
    where loan_labels.seller_id is not null
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
    where not coalesce(choice.is_loan_label, false)
)

select * from final
