-- What statistics and plots share, made of the latest versions of the landed rows.
create table nights as
select min(arrived_on) as first_on, max(arrived_on) as last_on
from (select arrived_on from orders_arrivals union all select arrived_on from payments_arrivals);

-- A seller's days on the market, as far as they have landed. A closed shop is there until the night that said so.
create table seller_days as
select
    seller_id, status, closed_on,
    greatest(coalesce(closed_on, last_on) - greatest(registered_at::date, first_on) + 1, 0) as days
from nights, sellers
left join (
    select seller_id, min(arrived_on) as closed_on from sellers_arrivals where status = 'closed' group by seller_id
) using (seller_id);

create table order_days as
select ordered_at::date as ordered_on, count(*) as orders, sum(amount) as amount from orders group by ordered_on;

create table seller_sales as
select
    seller_id, coalesce(amount, 0)::double as amount, coalesce(orders, 0) as orders,
    row_number() over (order by amount desc nulls last, seller_id) as rank, count(*) over () as sellers
from sellers
left join (
    select seller_id, sum(amount) as amount, count(*) as orders
    from orders where status not in ('created', 'cancelled') group by seller_id
) using (seller_id);

-- Orders old enough for whatever was to happen to have happened.
create table settled_orders as
select orders.* from orders, nights where ordered_at::date <= last_on - 30;

create table seller_quality as
select seller_id, reviews, rating, refunds / nullif(settled, 0) as refund_rate, settled
from (select seller_id, count(*) as reviews, avg(rating) as rating from reviews group by seller_id)
full join (
    select seller_id, count(*) as settled, count(refunded.order_id) as refunds
    from settled_orders
    left join (select distinct order_id, seller_id from refunds) as refunded using (order_id, seller_id)
    where status <> 'cancelled'
    group by seller_id
) using (seller_id);

-- Whether a balance is the one before plus what came in or minus what went out. Of movements of the same second nobody
-- says which came first: each follows the second before or another of its own.
create table ledger as
select
    seller_id, payment_id, occurred_at, kind, balance_after,
    if(moment > 1, list_contains(list(balance_after) over nearby, balance_after - signed_amount), null) as adds_up
from (
    select
        *, if(direction = 'in', amount, -amount) as signed_amount,
        dense_rank() over (partition by seller_id order by occurred_at) as moment
    from payments where balance_after is not null
)
window nearby as (partition by seller_id order by moment range between 1 preceding and current row);

-- Loans beside the sales of the 90 days before, as far as these days have landed.
create table lent as
select any_value(principal) as principal, sum(coalesce(sold.amount, 0)) / 3 as monthly_sales_amount
from nights, loans
left join (
    select seller_id, ordered_at::date as sold_on, sum(amount) as amount
    from orders where status not in ('created', 'cancelled') group by seller_id, sold_on
) as sold
    on sold.seller_id = loans.seller_id
    and sold.sold_on between applied_at::date - 90 and applied_at::date - 1
where disbursed_at is not null and applied_at::date - 90 >= first_on
group by loan_id;

create table installments as
select
    repayments.*, paid_at is not null and coalesce(amount_paid, 0) >= amount_due as is_settled,
    greatest(if(is_settled, paid_at::date, last_on) - due_on, 0) as days_late
from repayments, nights;

-- Loans watched for 180 days, with the labels' definition of default: 90 days past due, or written off.
create table matured as
select
    loan_id, any_value(loans.seller_id) as seller_id, disbursed_at::date as disbursed_on,
    any_value(principal) as principal,
    any_value(loans.status = 'written_off' and loans.arrived_on <= disbursed_on + 180)
        or max(greatest(if(is_settled and paid_at::date <= disbursed_on + 180, paid_at::date, disbursed_on + 180) - due_on, 0))
            >= 90 as is_default,
    coalesce(bool_or(installment_no = 1 and coalesce(amount_paid, 0) = 0), false) and is_default
        as is_first_payment_default,
    bool_and(is_settled) and max(paid_at::date) <= max(due_on) - 10 as is_early,
    if(is_default, greatest(any_value(principal) - coalesce(sum(amount_paid), 0), 0), 0) as lost_amount
from nights, loans
inner join installments using (loan_id)
where disbursed_at::date + 180 <= last_on
group by loan_id, disbursed_at;
