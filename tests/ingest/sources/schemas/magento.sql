-- Tables of Magento Open Source 2, as publicly documented; made-up rows.
create table store (store_id int, code varchar(32), website_id int, group_id int, name varchar(255), sort_order int, is_active int);
insert into store values (1, 'de', 1, 1, 'German shop', 0, 1), (2, 'fr', 1, 1, 'French shop', 0, 1);
create table sales_order (
    entity_id int, state varchar(32), status varchar(32), coupon_code varchar(255), protect_code varchar(255),
    shipping_description varchar(255), is_virtual int, store_id int, customer_id int, base_discount_amount numeric(20, 4),
    base_grand_total numeric(20, 4), base_shipping_amount numeric(20, 4), base_subtotal numeric(20, 4), base_tax_amount numeric(20, 4),
    discount_amount numeric(20, 4), grand_total numeric(20, 4), shipping_amount numeric(20, 4), subtotal numeric(20, 4),
    tax_amount numeric(20, 4), total_paid numeric(20, 4), total_refunded numeric(20, 4), increment_id varchar(50),
    customer_email varchar(128), customer_firstname varchar(128), customer_lastname varchar(128), order_currency_code varchar(3),
    created_at timestamp, updated_at timestamp, total_item_count int
);
insert into sales_order values
(1, 'complete', 'complete', null, 'a1', 'Flat rate', 0, 1, 21, 0, 29, 5, 24, 4, 0, 29, 5, 24, 4, 29, 0, '000000001',
 'lea.wolf@example.com', 'Lea', 'Wolf', 'EUR', '2025-03-01 10:00:00', '2025-03-04 10:00:00', 1),
(2, 'processing', 'processing', null, 'a2', 'Flat rate', 0, 2, 22, 0, 15, 5, 10, 2, 0, 15, 5, 10, 2, 15, 0, '000000002',
 'max.roth@example.com', 'Max', 'Roth', 'EUR', '2025-03-02 10:00:00', '2025-03-02 10:00:00', 1),
(3, 'canceled', 'canceled', null, 'a3', 'Flat rate', 0, 1, 21, 0, 55, 5, 50, 8, 0, 55, 5, 50, 8, 0, 0, '000000003',
 'lea.wolf@example.com', 'Lea', 'Wolf', 'EUR', '2025-03-03 10:00:00', '2025-03-03 11:00:00', 2);
create table sales_order_grid (
    entity_id int, status varchar(32), store_id int, store_name varchar(255), customer_id int, base_grand_total numeric(20, 4),
    grand_total numeric(20, 4), increment_id varchar(50), created_at timestamp, updated_at timestamp, subtotal numeric(20, 4)
);
insert into sales_order_grid values (1, 'complete', 1, 'German shop', 21, 29, 29, '000000001', '2025-03-01 10:00:00', '2025-03-04 10:00:00', 24);
create table sales_order_item (
    item_id int, order_id int, parent_item_id int, store_id int, created_at timestamp, updated_at timestamp, product_id int,
    sku varchar(255), name varchar(255), qty_ordered numeric(12, 4), price numeric(12, 4), row_total numeric(20, 4)
);
insert into sales_order_item values (1, 1, null, 1, '2025-03-01 10:00:00', '2025-03-01 10:00:00', 5, 'S-5', 'Pan', 1, 24, 24);
create table sales_order_payment (
    entity_id int, parent_id int, base_amount_paid numeric(20, 4), amount_paid numeric(20, 4), amount_ordered numeric(20, 4),
    method varchar(128), last_trans_id varchar(255)
);
insert into sales_order_payment values (1, 1, 29, 29, 29, 'checkmo', null);
create table sales_creditmemo (
    entity_id int, store_id int, base_grand_total numeric(20, 4), grand_total numeric(20, 4), order_id int, state int,
    increment_id varchar(50), created_at timestamp, updated_at timestamp
);
insert into sales_creditmemo values (1, 1, 29, 29, 1, 2, '000000001', '2025-03-05 10:00:00', '2025-03-05 10:00:00');
create table review (review_id bigint, created_at timestamp, entity_id int, entity_pk_value bigint, status_id int);
insert into review values (1, '2025-03-06 10:00:00', 1, 5, 1);
create table rating_option_vote (
    vote_id bigint, option_id int, customer_id int, entity_pk_value bigint, rating_id int, review_id bigint, percent int, value int
);
insert into rating_option_vote values (1, 5, 21, 5, 1, 1, 100, 5);
create table customer_entity (
    entity_id int, email varchar(255), store_id int, created_at timestamp, updated_at timestamp, firstname varchar(255),
    lastname varchar(255)
);
insert into customer_entity values (21, 'lea.wolf@example.com', 1, '2024-01-01 00:00:00', '2024-01-01 00:00:00', 'Lea', 'Wolf');
