with loan_labels as (
    select * from {{ ref("loan_labels") }}
),

replay_labels as (
    select * from {{ ref("replay_labels") }}
),

choice as (
    select count(*) >= {{ label("loans_minimum_matured") }} as is_loan_label
    from loan_labels
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
